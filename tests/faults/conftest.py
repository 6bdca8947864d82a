import os

from tests.faults.broker import broker
from tests.sms.conftest import account, backend, stand_in

__all__ = ["account", "backend", "broker", "stand_in"]

collect_ignore = [] if os.environ.get("FAULTS") else ["campaign"]  # minutes, for `make faults` alone
