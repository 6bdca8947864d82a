"""It speaks Kavenegar's protocol, and differs from it in all that a provider may differ in."""

from datetime import timedelta

from sms.backends.base import Advice, SmsError
from sms.backends.kavenegar.client import Kavenegar

CREDIT_USED_UP = 418
ADVICE: Advice = ("The second provider wants money", "Bring it")


class Second(Kavenegar):
    name = "second"
    address = ""  # of its stand-in
    callback_urls = "tests.sms.second_provider.urls"
    longest_text = 300
    remembers_keys = timedelta(hours=3)
    remembers_states = timedelta(hours=6)
    report_windows = (timedelta(minutes=10), timedelta(hours=2))
    most_ids = 3

    def __init__(self) -> None:
        address = self.address
        super().__init__()
        self.address = address

    def is_low(self, credit: int) -> bool:
        return credit < 100

    def explain(self, error: SmsError) -> Advice:
        return ADVICE if error.code == CREDIT_USED_UP else super().explain(error)


class Namesake(Kavenegar):
    """Takes the name of another."""


class LongWinded(Kavenegar):
    name = "a-name-of-17-char"
