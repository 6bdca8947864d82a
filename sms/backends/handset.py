"""The development phone: nothing leaves the machine, and /handset/ shows what it has received.

The page reads the rows of the outbox, so there is nothing to keep here.
"""

from sms.backends.base import Outgoing, Receipt, SmsBackend


class Handset(SmsBackend):
    name = "handset"

    def send(self, outgoing: Outgoing) -> Receipt:
        return Receipt(self.name, "")
