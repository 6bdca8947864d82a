"""E-mail, password, security questions; and the last of three steps, which asks them together with the identity."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.email_field import EmailField
from accounts.passwords import rules as password_rules
from accounts.passwords.field import PasswordField
from accounts.questions import form as question_form
from registration.lifecycle.draft import NAMES, is_renamed
from registration.models import RegistrationRequest
from registration.wizard.forms import DraftForm, IdentityForm

KEPT_PASSWORD = _("Your password is saved; write a new one only to change it.")
RENAMED = _("Because a name or the date of birth has changed, choose your password once more.")


class AccountForm(DraftForm):
    """E-mail, password, security questions. `QUESTIONS` and whether the e-mail may be left out differ by flow.

    A password that the draft holds already, as a hash, need not be typed again.
    """

    QUESTIONS = 3

    email = EmailField()
    password1 = PasswordField(label=_("Password"), help_text=_("Write it with an English keyboard."))
    password2 = PasswordField(
        label=_("Repeat the password"), error_messages={"required": _("Enter the password once more")}
    )

    def __init__(self, *args: Any, draft: RegistrationRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draft = draft
        question_form.add_fields(self, self.QUESTIONS)
        if draft.password_hash:
            self.keep_password()

    @property
    def is_blank(self) -> bool:
        return super().is_blank and not self.draft.password_hash

    def keep_password(self) -> None:
        """From now on the password may stay empty: the draft has it."""
        for name in ("password1", "password2"):
            self.fields[name].required = False
        self["password1"].help_text = KEPT_PASSWORD  # of the bound field, which may have been made already

    @property
    def good_password(self) -> str:
        """The password, when both fields of it are right, and those it is judged by, whatever else is wrong."""
        wrong = {"password1", "password2", *NAMES} & self.errors.keys()
        return "" if wrong else str(self.cleaned_data.get("password1") or "")

    @property
    def judged_by(self) -> dict[str, Any]:
        """What the password was judged by, of this page."""
        return {name: self.cleaned_data[name] for name in NAMES if name in self.cleaned_data}

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        person = {name: answers.get(name) or getattr(self.draft, name) for name in ("first_name", "last_name")}
        password: str = answers.get("password1") or ""
        if password:
            broken = password_rules.problems(password, national_code=self.draft.national_code, **person)
            self._add_errors("password1", broken)
            if "password2" in answers and not answers["password2"]:
                self.add_error("password2", _("Enter the password once more"))
            elif not broken and "password2" in answers and answers["password2"] != password:
                self.add_error("password2", _("The two passwords are not the same"))
        elif "password1" not in self.errors and is_renamed(self.draft, answers):
            self.add_error("password1", RENAMED)
        question_form.check(self, answers, self.QUESTIONS, self.draft, password)
        return answers

    def _add_errors(self, field: str, problems: list[Any]) -> None:
        if problems:
            self.add_error(field, forms.ValidationError([forms.ValidationError(problem) for problem in problems]))


class PortalForm(IdentityForm, AccountForm):
    """The last of three steps: identity and account on one page, one question, all mandatory (docs/guides.md)."""

    QUESTIONS = 1
    field_order = [*IdentityForm.declared_fields, *AccountForm.declared_fields]  # the order of the error summary
