"""`manage.py keys`: which keys are accepted for what, and how much of what is open hangs on each (docs/keys.md)."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models.functions import Now

from accounts.models import StaffFactor
from accounts.sign_in import totp
from infra import keys
from sms.models import OtpChallenge
from sms.otp import codes

LINE = "{what:<16}{key:<10}{state:<11}{count}"


class Command(BaseCommand):
    help = "Tell which keys are accepted and how many codes and clerks' apps hang on each; no key is shown."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(LINE.format(what="for", key="key", state="", count="open"))
        living = OtpChallenge.objects.filter(expires_at__gt=Now(), confirmed_at=None).values_list("nonce", flat=True)
        self._tell("codes", codes.KEY, Counter(bytes(nonce)[: keys.NAME_BYTES] for nonce in living if nonce))
        factors = StaffFactor.objects.values_list("nonce", flat=True)
        self._tell("clerks' apps", totp.KEY, Counter(bytes(nonce)[: keys.NAME_BYTES] for nonce in factors))

    def _tell(self, what: str, purpose: keys.Purpose, named: Counter[bytes]) -> None:
        ring = [keys.name_of(key) for key in purpose.ring()]
        for name in dict.fromkeys(ring):
            state = "in use" if name == ring[0] else "accepted"
            self.stdout.write(LINE.format(what=what, key=name.hex(), state=state, count=named.pop(name, 0)))
        if others := named.total():  # made by a version whose keys had no names, or their key is lost
            self.stdout.write(LINE.format(what=what, key="unnamed", state="", count=others))
