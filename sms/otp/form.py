"""The form that asks for a code from a text message: recovery, a new device, a new mobile."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from infra import security_log
from infra.limits import LimitReached
from iran import waits
from iran.fields import ShortField
from iran.numbers import clean_number
from iran.plain_form import PlainForm
from iran.widgets import PlainInput
from sms.models import OtpChallenge
from sms.otp import asked, codes
from sms.otp import challenge as otp
from sms.otp import session as otp_session
from sms.otp.tries import Seen

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


TOLD_FROM = 2  # so few tries left are told


class OtpForm(PlainForm):
    """Cleaning has an effect: a code spends one of the challenge's tries. A limit is an error (iran.waits)."""

    code = ShortField(
        label=_("Code from the text message"),
        widget=PlainInput(autocomplete="one-time-code", inputmode="numeric"),
        error_messages={
            "required": _("Enter the code from the text message"),
            "max_length": _("The code has 6 digits"),
        },
    )

    def __init__(self, *args: Any, challenge: OtpChallenge) -> None:
        super().__init__(*args)
        self.challenge = challenge

    def clean_code(self) -> str:
        digits, length = _("The code must contain digits only"), _("The code has 6 digits")
        return confirm_or_refuse(self.challenge, self.cleaned_data["code"], digits=digits, length=length)


def confirm_or_refuse(
    challenge: OtpChallenge, typed: str, seen: Seen | None = None, *, digits: "StrPromise", length: "StrPromise"
) -> str:
    """The code as ASCII digits if it confirms `challenge`; else ValidationError. Any six digits spend a try.

    `seen`: of challenge.confirm. `digits` and `length` are the messages for what is not six digits.
    """
    code = clean_number(typed)
    if not re.fullmatch("[0-9]*", code):
        raise forms.ValidationError(digits, code="digits")
    if len(code) != codes.DIGITS:
        raise forms.ValidationError(length, code="length")
    security_log.concerns(challenge.national_code)
    try:
        answer = otp.confirm(challenge, code, seen)
    except LimitReached as limit:
        raise waits.refusal(limit) from None
    security_log.tell("code", purpose=challenge.purpose, outcome=answer.value)
    if answer is not otp.CodeOutcome.CONFIRMED:
        errors: list[Any] = [forms.ValidationError(_("The code entered is not valid"), code="wrong")]
        left = otp.tries_left(challenge)
        if answer is otp.CodeOutcome.DEAD or not left:
            text = _("This code is no longer accepted; press “Send the code again”.")
            errors.append(forms.ValidationError(text, code="dead"))
        elif left <= TOLD_FROM:
            more = ngettext("You can try %(count)s more time.", "You can try %(count)s more times.", left)
            errors.append(forms.ValidationError(waits.prose_digits(more % {"count": left}), code="tries-left"))
        raise forms.ValidationError(errors)
    return code


def code_page(challenge: OtpChallenge, session: SessionBase) -> dict[str, Any]:
    """What the pages with this form show beside it."""
    told = asked.of(challenge)
    return {
        "resend_after": told.resend_after,
        "may_call": told.may_call,
        "arrival": told.arrival,
        "code_minutes": otp.CODE_LIFETIME.seconds // 60,
        "is_dead": otp.is_dead(challenge),
        "is_held": otp_session.is_held(session, challenge),
        "proof_left": otp_session.seconds_left(challenge, challenge.began_at),
    }
