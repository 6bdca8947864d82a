from tests.faults.broker import broker
from tests.sms.conftest import account, backend, stand_in

__all__ = ["account", "backend", "broker", "stand_in"]
