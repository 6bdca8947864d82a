"""Forms that ask for a new password. Recovery and profile."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.passwords import rules as password_rules
from accounts.passwords.field import PasswordField
from iran.plain_form import PlainForm


class OwnForm(PlainForm):
    """A form about one account."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user


class NewPasswordForm(OwnForm):
    """A new password, twice; everything that is wrong with it at once."""

    password1 = PasswordField(label=_("New password"), error_messages={"required": _("Enter the new password")})
    password2 = PasswordField(
        label=_("Repeat the new password"),
        error_messages={"required": _("Enter the new password once more")},
    )

    @sensitive_variables()
    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        broken = password_rules.problems(
            password,
            first_name=self.user.first_name,
            last_name=self.user.last_name,
            national_code=self.user.national_code,
        )
        if not broken and self.is_the_present_one(password):
            broken.append(_("The new password must differ from the current one"))
        if broken:
            raise forms.ValidationError([forms.ValidationError(message) for message in broken])
        return password

    @sensitive_variables()
    def clean_password2(self) -> str:
        password: str = self.cleaned_data["password2"]
        if password != self.data.get("password1"):
            raise forms.ValidationError(_("The two new passwords are not the same"), code="mismatch")
        return password

    @sensitive_variables()
    def is_the_present_one(self, password: str) -> bool:
        return self.user.check_password(password)
