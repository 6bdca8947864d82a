"""The form field and the input of a password."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PasswordInput(forms.PasswordInput):
    """A password input that is never filled again by the server. `autocomplete`: new-password or current-password."""

    def __init__(self, *, autocomplete: str) -> None:
        attrs = {"dir": "ltr", "autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(attrs, render_value=False)

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class PasswordField(forms.CharField):
    """A password exactly as typed: nothing trimmed, never shown again, no length in the browser.

    The rules for a new one are `accounts.passwords.rules.problems`. `current=True`: the field asks for the present
    password.
    """

    default_error_messages = {"required": _("Enter the password")}

    def __init__(self, *, current: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Password"))
        kwargs.setdefault("widget", PasswordInput(autocomplete="current-password" if current else "new-password"))
        super().__init__(strip=False, **kwargs)
