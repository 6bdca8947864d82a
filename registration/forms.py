"""What each step asks, and what it accepts. Rules of input only; what follows from an answer is in submission.py."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts import passwords
from accounts.fields import (
    JalaliDateField,
    MobileField,
    NationalCodeField,
    NumberField,
    PasswordField,
    PersianNameField,
)
from accounts.models import SecurityQuestion
from accounts.validators import clean_number
from accounts.widgets import PlainInput
from registration import submission
from registration.answers import answer_problems
from registration.models import RegistrationRequest
from registration.places import CITIES, CITY_GROUPS, COUNTRIES
from registration.widgets import LongSelect
from sms import codes, verification
from sms.models import Verification

SERIES_LETTERS = ["الف", *"بپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"]
EMPTY_CHOICE = ("", _("Choose"))


class StepForm(forms.Form):
    """A form of the wizard: no browser validation (our messages are kinder), errors in our template."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs, label_suffix="")


class ContactForm(StepForm):
    national_code = NationalCodeField()
    operator = forms.ChoiceField(
        label=_("Mobile operator"),
        choices=RegistrationRequest.Operator,
        initial=RegistrationRequest.Operator.MCI,
        help_text=_("If you have ported your number, choose your present operator."),
        error_messages={
            "required": _("Choose your mobile operator"),
            "invalid_choice": _("Choose your mobile operator from the list"),
        },
        widget=forms.Select,
    )
    mobile = MobileField(help_text=_("It must be in your own name; the activation code is sent to this number."))

    def __init__(self, *args: Any, source: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source

    def clean(self) -> dict[str, Any]:
        """Only a complete answer learns whether the national code is taken, and each one is counted."""
        answers = super().clean() or {}
        if not self.errors:
            try:
                submission.check_free(answers["national_code"], self.source)
            except submission.AlreadyRequested:
                self.add_error("national_code", forms.ValidationError(submission.TAKEN, code="taken"))
        return answers


class ActivationForm(StepForm):
    """The one form whose cleaning has an effect: a wrong code must both spend a try and show a field error."""

    code = forms.CharField(
        label=_("Activation code"),
        widget=PlainInput(autocomplete="one-time-code", inputmode="numeric"),
        error_messages={"required": _("Enter the activation code")},
    )

    def __init__(self, *args: Any, proof: Verification, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proof = proof

    def clean_code(self) -> str:
        code = clean_number(self.cleaned_data["code"])
        if not (code.isascii() and code.isdecimal()):
            raise forms.ValidationError(_("The activation code must contain digits only"))
        if len(code) != codes.DIGITS:
            raise forms.ValidationError(_("The activation code has 6 digits"))
        answer = verification.confirm(self.proof, code)
        if answer is not verification.Answer.CONFIRMED:
            errors: list[Any] = [forms.ValidationError(_("The code entered is not valid"), code="wrong")]
            if answer is verification.Answer.DEAD:
                errors.append(forms.ValidationError(_("This code is no longer accepted; press “Send the code again”."), code="dead"))
            raise forms.ValidationError(errors)
        return code


class IdentityForm(StepForm):
    """Identity as on the birth certificate, and where the person lives."""

    last_name = PersianNameField(kind="last")
    first_name = PersianNameField(kind="first")
    certificate_number = NumberField(
        label=_("Certificate number"),
        help_text=_("If it is the same as your national code, write the national code here; do not write zero."),
        max_digits=10,
        allow_zero=False,
        error_messages={
            "required": _("Enter the certificate number"),
            "digits": _("The certificate number must contain digits only"),
            "length": _("The certificate number must be 10 digits or fewer"),
            "zero": _("The certificate number cannot be zero; if it is the same as your national code, write the national code"),
        },
    )
    certificate_serial = NumberField(
        label=_("Certificate serial number"),
        help_text=_("Up to 6 digits, printed in the margin of the certificate"),
        max_digits=6,
        error_messages={
            "required": _("Enter the certificate serial number"),
            "digits": _("The certificate serial number must contain digits only"),
            "length": _("The certificate serial number must be 6 digits or fewer"),
        },
    )
    certificate_series_letter = forms.ChoiceField(
        label=_("Letter"),
        choices=[EMPTY_CHOICE, *((letter, letter) for letter in SERIES_LETTERS)],
        error_messages={
            "required": _("Choose the letter of the certificate series"),
            "invalid_choice": _("Choose the letter of the certificate series from the list"),
        },
    )
    certificate_series_number = NumberField(
        label=_("Number"),
        max_digits=3,
        error_messages={
            "required": _("Enter the number of the certificate series"),
            "digits": _("The number of the certificate series must contain digits only"),
            "length": _("The number of the certificate series must be 3 digits or fewer"),
        },
    )
    birth_date = JalaliDateField()
    gender = forms.ChoiceField(
        label=_("Gender"),
        choices=RegistrationRequest.Gender,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the gender"), "invalid_choice": _("Choose the gender from the list")},
    )
    country = forms.ChoiceField(
        label=_("Country of residence"),
        choices=COUNTRIES,
        initial="IR",
        widget=LongSelect(attrs={"autocomplete": "country"}),
        error_messages={
            "required": _("Choose the country of residence"),
            "invalid_choice": _("Choose the country of residence from the list"),
        },
    )
    city = forms.ChoiceField(
        label=_("City of residence"),
        choices=[EMPTY_CHOICE, *CITY_GROUPS],
        required=False,
        widget=LongSelect(attrs={"autocomplete": "address-level2"}),
        error_messages={"invalid_choice": _("Choose the city of residence from the list")},
    )
    foreign_city = PersianNameField(kind="city", required=False)

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if answers.get("country") == "IR":
            if not answers.get("city") and "city" not in self.errors:
                self.add_error("city", _("Choose the city of residence"))
        elif "country" in answers:
            if not answers.get("foreign_city") and "foreign_city" not in self.errors:
                self.add_error("foreign_city", _("Enter the city of residence"))
            answers["city"] = answers.get("foreign_city", "")
        return answers


class AccountForm(StepForm):
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
            self.fields[f"question_{number}"] = _question_field(number)
            self.fields[f"answer_{number}"] = _answer_field(number)

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
        own = [*person.values(), self.draft.national_code, self.draft.mobile, answers.get("email") or ""]
        numbers = [number for number in range(1, self.QUESTIONS + 1) if f"answer_{number}" in answers]
        given = {
            number: (str(answers.get(f"question_{number}", "")), answers[f"answer_{number}"]) for number in numbers
        }
        for number, problem in answer_problems(given, own=own, password=password):
            self.add_error(f"answer_{number}", problem)
        self._check_questions_differ(answers)
        return answers

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


def _question_field(number: int) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        SecurityQuestion.objects.filter(is_offered=True),
        label=_("Security question"),
        empty_label=EMPTY_CHOICE[1],
        error_messages={
            "required": _("Choose the security question"),
            "invalid_choice": _("Choose the security question from the list"),
        },
    )


def _answer_field(number: int) -> forms.CharField:
    return forms.CharField(
        label=_("Answer"),
        validators=[MaxLengthValidator(100)],
        help_text=_("Capital letters and spaces do not matter."),
        widget=PlainInput(direction="auto"),
        error_messages={"required": _("Enter the answer"), "max_length": _("The answer must be 100 characters or fewer")},
    )
