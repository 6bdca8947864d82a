"""E-mail, password, security questions; and the last of three steps, which asks them together with the identity."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, RegexValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import jalali, passwords
from accounts.fields import PasswordField
from accounts.models import SecurityQuestion
from accounts.validators import local_mobile
from accounts.widgets import PlainInput
from registration.answers import answer_problems
from registration.forms import EMPTY_CHOICE, DraftForm, IdentityForm
from registration.models import RegistrationRequest

ORDINALS = {1: _("first"), 2: _("second"), 3: _("third")}
UNREADABLE = _("The answer holds a sign that could not be read; write it again")


class AccountForm(DraftForm):
    """E-mail, password, security questions. `QUESTIONS` and whether the e-mail may be left out differ by flow."""

    QUESTIONS = 3

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=None,  # Django’s 320 would be a maxlength, at which browsers cut what is pasted
        validators=[MaxLengthValidator(254)],
        widget=PlainInput(autocomplete="email", inputmode="email", autocapitalize="none"),
        error_messages={
            "required": _("Enter your e-mail"),
            "invalid": _("The e-mail must look like name@example.com"),
            "max_length": _("The e-mail is too long"),
        },
    )
    password1 = PasswordField(label=_("Password"), help_text=_("Write it with an English keyboard."))
    password2 = PasswordField(
        label=_("Repeat the password"), error_messages={"required": _("Enter the password once more")}
    )

    def __init__(self, *args: Any, draft: RegistrationRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.draft = draft
        for number in range(1, self.QUESTIONS + 1):
            ordinal = ORDINALS[number] if self.QUESTIONS > 1 else ""
            self.fields[f"question_{number}"] = _question_field(ordinal)
            self.fields[f"answer_{number}"] = _answer_field(ordinal)

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        person = {name: answers.get(name) or getattr(self.draft, name) for name in ("first_name", "last_name")}
        password: str = answers.get("password1") or ""
        if password:
            broken = passwords.problems(password, national_code=self.draft.national_code, **person)
            self._add_errors("password1", broken)
            if not broken and "password2" in answers and answers["password2"] != password:
                self.add_error("password2", _("The two passwords are not the same"))
        numbers = [number for number in range(1, self.QUESTIONS + 1) if answers.get(f"answer_{number}")]
        given = {
            number: (str(answers.get(f"question_{number}", "")), answers[f"answer_{number}"]) for number in numbers
        }
        for number, problem in answer_problems(given, own=self._own_data(answers), password=password):
            self.add_error(f"answer_{number}", problem)
        self._check_questions_differ(answers)
        return answers

    def _own_data(self, answers: Mapping[str, Any]) -> Iterator[str]:
        """What anybody who knows the person, or has the documents in hand, could answer."""
        yield from (self.draft.national_code, self.draft.mobile, local_mobile(self.draft.mobile))
        names = ("first_name", "last_name", "email", "city", "certificate_number", "certificate_serial")
        known = {name: str(answers.get(name) or getattr(self.draft, name)) for name in names}
        yield from known.values()
        yield known["first_name"] + known["last_name"]
        born = answers.get("birth_date") or self.draft.birth_date
        if born:
            year, month, day = jalali.from_gregorian(born)
            yield from (str(year), f"{year}/{month}/{day}", f"{year}/{month:02}/{day:02}")

    def _check_questions_differ(self, answers: dict[str, Any]) -> None:
        seen: set[SecurityQuestion] = set()
        for number in range(1, self.QUESTIONS + 1):
            question = answers.get(f"question_{number}")
            if question in seen:
                self.add_error(f"question_{number}", _("Choose a question that you have not chosen above"))
            elif question:
                seen.add(question)

    def _add_errors(self, field: str, problems: list[Any]) -> None:
        if problems:
            self.add_error(field, forms.ValidationError([forms.ValidationError(problem) for problem in problems]))


class PortalForm(IdentityForm, AccountForm):
    """The last of three steps: identity and account on one page, one question, everything mandatory (guide 001)."""

    QUESTIONS = 1
    field_order = [*IdentityForm.declared_fields, *AccountForm.declared_fields]  # the order of the error summary


def _question_field(ordinal: Any) -> "forms.ModelChoiceField[SecurityQuestion]":
    return forms.ModelChoiceField(
        SecurityQuestion.objects.filter(is_offered=True),
        label=_numbered(_("Security question"), ordinal),
        empty_label=EMPTY_CHOICE[1],
        error_messages={
            "required": _numbered(_("Choose the security question"), ordinal),
            "invalid_choice": _("Choose the security question from the list"),
        },
    )


def _numbered(text: Any, ordinal: Any) -> Any:
    """The text, with which of several questions it is about."""
    return format_lazy("{} ({})", text, ordinal) if ordinal else text


def _answer_field(ordinal: Any) -> forms.CharField:
    return forms.CharField(
        label=_numbered(_("Answer"), ordinal),
        validators=[MaxLengthValidator(100), RegexValidator("\ufffd", UNREADABLE, inverse_match=True)],
        help_text=_("Capital letters and spaces do not matter."),
        widget=PlainInput(direction="auto"),
        error_messages={
            "required": _numbered(_("Enter the answer"), ordinal),
            "max_length": _("The answer must be 100 characters or fewer"),
        },
    )
