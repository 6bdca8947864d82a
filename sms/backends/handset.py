"""The development phone: nothing leaves the machine, and /handset/ shows what it has received.

The page reads the rows of the outbox, so there is nothing to keep here.
"""

from datetime import timedelta

from sms.backends.base import Outgoing, Receipt, SmsBackend


class Handset(SmsBackend):
    name = "handset"
    trial = True
    reads_out = True
    remembers_keys = timedelta(days=30)  # a message is its row: to send it again changes nothing

    def send(self, outgoing: Outgoing) -> Receipt:
        return Receipt(self.name, "")
