"""E-mail, password, security questions; and the last of three steps, which asks them together with the identity."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.email_field import EmailField
from accounts.passwords import rules as password_rules
from accounts.passwords.field import PasswordField
from accounts.questions import form as question_form
from registration.models import RegistrationRequest
from registration.wizard.forms import DraftForm, IdentityForm


class AccountForm(DraftForm):
    """E-mail, password, security questions. `QUESTIONS` and whether the e-mail may be left out differ by flow."""

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

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        person = {name: answers.get(name) or getattr(self.draft, name) for name in ("first_name", "last_name")}
        password: str = answers.get("password1") or ""
        if password:
            broken = password_rules.problems(password, national_code=self.draft.national_code, **person)
            self._add_errors("password1", broken)
            if not broken and "password2" in answers and answers["password2"] != password:
                self.add_error("password2", _("The two passwords are not the same"))
        question_form.check(self, answers, self.QUESTIONS, self.draft, password)
        return answers

    def _add_errors(self, field: str, problems: list[Any]) -> None:
        if problems:
            self.add_error(field, forms.ValidationError([forms.ValidationError(problem) for problem in problems]))


class PortalForm(IdentityForm, AccountForm):
    """The last of three steps: identity and account on one page, one question, all mandatory (docs/guides.md)."""

    QUESTIONS = 1
    field_order = [*IdentityForm.declared_fields, *AccountForm.declared_fields]  # the order of the error summary
