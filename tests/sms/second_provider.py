"""A second provider: one more file, and its dotted path in SMS_BACKEND. This one speaks Kavenegar's protocol."""

from sms.backends.kavenegar.client import Kavenegar


class Second(Kavenegar):
    name = "second"
    address = ""  # of its stand-in

    def __init__(self) -> None:
        super().__init__()
        self._base_url = self.address


class Namesake(Kavenegar):
    """Takes the name of another."""


class LongWinded(Kavenegar):
    name = "a-name-of-17-char"
