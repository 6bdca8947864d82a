"""Keeps messages in `outbox`, as django.core.mail.outbox does. For tests, which empty it between them.

Messages to these recipients fail, each in another way:

REJECTED       the provider refuses this message for good
BUSY           not now, nothing was sent
MISCONFIGURED  not before an operator acts
LOST           unknown outcome, and it was not sent
SWALLOWED      unknown outcome, although it was sent: it is in `outbox`
"""

from collections.abc import Callable
from datetime import timedelta

from sms.backends.base import ErrorKind, Outgoing, Receipt, SmsBackend, SmsError

outbox: list[Outgoing] = []

# In blocks that no operator has been given.
REJECTED = "+989970000001"
BUSY = "+989970000002"
MISCONFIGURED = "+989970000003"
LOST = "+989970000004"
SWALLOWED = "+989970000005"


class Memory(SmsBackend):
    name = "memory"
    trial = True
    reads_out = True
    remembers_keys = timedelta(hours=11)  # so that tests see repeats; each of them is in `outbox`

    def send(self, outgoing: Outgoing) -> Receipt:
        failure = _FAILURES.get(outgoing.recipient)
        if failure is None or outgoing.recipient == SWALLOWED:
            outbox.append(outgoing)
        if failure is not None:
            raise failure()
        return Receipt(self.name, "")


_FAILURES: dict[str, Callable[[], SmsError]] = {
    REJECTED: lambda: SmsError(ErrorKind.PERMANENT, detail="rejected"),
    BUSY: lambda: SmsError(ErrorKind.TRANSIENT, detail="busy"),
    MISCONFIGURED: lambda: SmsError(ErrorKind.CONFIGURATION, detail="refused", retry_after=600),
    LOST: lambda: SmsError(ErrorKind.TRANSIENT, detail="timeout", unknown=True),
    SWALLOWED: lambda: SmsError(ErrorKind.TRANSIENT, detail="timeout", unknown=True),
}
