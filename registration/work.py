"""How the work of this app stands, for the health page."""

from registration import inquiry
from sms.work import overdue


def oldest_waiting_request() -> int | None:
    """Seconds since the request that is longest overdue for its inquiry was due; None when none is."""
    return overdue(inquiry.due())
