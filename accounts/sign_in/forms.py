"""What the account's pages ask. Rules of input only; what follows from an answer is in views.py and sessions.py."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.passwords.field import PasswordField
from accounts.sign_in import gate
from infra.limits import LimitReached
from iran import waits
from iran.fields import ShortField
from iran.numbers import clean_number
from iran.plain_form import PlainForm
from iran.widgets import PlainInput

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


NOT_RIGHT = _("The national code or the password is not right")


class SignInForm(PlainForm):
    """`account` is whose password it is, after a successful cleaning.

    Cleaning has an effect: a failure counts. One message for every failure; that an account is not active is told
    only to who knows its password. A limit is an error (iran.waits).
    """

    national_code = ShortField(
        label=_("National code"),
        widget=PlainInput(autocomplete="username", inputmode="numeric"),
        error_messages={
            "required": _("Enter your national code"),
            "max_length": NOT_RIGHT,
        },
    )
    password = PasswordField(current=True, error_messages={"required": _("Enter the password")})

    def __init__(self, *args: Any, client_ip: str, token: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client_ip, self.token = client_ip, token
        self.account: User | None = None

    def clean_national_code(self) -> str:
        """Its check digit is not looked at: a typing error has the same answer as a code that nobody has."""
        code = clean_number(self.cleaned_data["national_code"])
        if not code:
            raise forms.ValidationError(self.fields["national_code"].error_messages["required"], code="required")
        return code

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if not self.errors:
            try:
                self.account = gate.prove(answers["national_code"], answers["password"], self.client_ip, self.token)
            except LimitReached as limit:
                self.add_error(None, waits.refusal(limit))
                return answers
            if self.account is None:
                self.add_error(None, forms.ValidationError(NOT_RIGHT))
            elif not self.account.is_active:
                self.add_error(None, forms.ValidationError(_why_closed(self.account), code="inactive"))
        return answers


def _why_closed(account: User) -> "StrPromise":
    if account.activated_at:
        return _("Your account is disabled. Please go to the nearest branch with your identity documents.")
    return _("Your account is not active yet. Please go to the nearest branch with your identity documents.")
