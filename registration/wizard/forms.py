"""What each step asks, and what it accepts. Rules of input only; what follows from an answer is in submission.py.

E-mail, password and security questions are in account_form.py.
"""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from iran.date_field import JalaliDateField
from iran.fields import MobileField, NationalCodeField, NumberField, PersianNameField, ShortField
from iran.letters import SERIES_LETTERS
from iran.widgets import PlainInput
from registration.models import RegistrationRequest
from registration.pages.places import CITIES, CITY_GROUPS, COUNTRIES, PROVINCES, province_of
from registration.wizard.widgets import (
    CitySelect,
    CountrySelect,
    FixedChoiceField,
    LongSelect,
    OfProvince,
    ProvinceSelect,
)
from sms.models import OtpChallenge
from sms.otp.form import confirm_or_refuse
from sms.otp.tries import Seen

EMPTY_CHOICE = ("", _("Choose"))
ZERO = _("The certificate number cannot be zero; if it is the same as your national code, write the national code")


class StepForm(forms.Form):
    """A form of the wizard: no browser validation (our messages are kinder), errors in our template."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    @property
    def is_blank(self) -> bool:
        """Whether nothing is typed or saved: then it looks the same for everybody (tamin_portal.kept_parts)."""
        return not self.is_bound and self.initial.keys() <= {"draft_mark"}


class DraftForm(StepForm):
    """A step that answers for a draft; `draft_mark` tells which one the page was opened for (wizard.session.mark)."""

    draft_mark = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))


class ContactForm(StepForm):
    national_code = NationalCodeField()
    operator = FixedChoiceField(
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


class ActivationForm(DraftForm):
    """Cleaning has an effect: a code spends one of the challenge's tries. A limit is an error (iran.waits)."""

    code = ShortField(
        label=_("Activation code"),
        widget=PlainInput(autocomplete="one-time-code", inputmode="numeric"),
        error_messages={
            "required": _("Enter the activation code"),
            "max_length": _("The activation code has 6 digits"),
        },
    )

    def __init__(self, *args: Any, challenge: OtpChallenge, seen: Seen | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.challenge, self.seen = challenge, seen

    def clean_code(self) -> str:
        digits, length = _("The activation code must contain digits only"), _("The activation code has 6 digits")
        return confirm_or_refuse(self.challenge, self.cleaned_data["code"], self.seen, digits=digits, length=length)


class IdentityForm(DraftForm):
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
            "zero": ZERO,
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
    certificate_series_letter = FixedChoiceField(
        label=_("Letter"),
        choices=[EMPTY_CHOICE, *((letter, letter) for letter in SERIES_LETTERS)],
        widget=LongSelect,
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
    gender = FixedChoiceField(
        label=_("Gender"),
        choices=RegistrationRequest.Gender,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the gender"), "invalid_choice": _("Choose the gender from the list")},
    )
    country = FixedChoiceField(
        label=_("Country of residence"),
        choices=COUNTRIES,
        initial="IR",
        widget=CountrySelect(attrs={"autocomplete": "country"}),
        error_messages={
            "required": _("Choose the country of residence"),
            "invalid_choice": _("Choose the country of residence from the list"),
        },
    )
    # Narrows the list of cities; what is kept is the province of the city.
    province = FixedChoiceField(
        label=_("Province of residence"),
        choices=[EMPTY_CHOICE, *((name, name) for name in PROVINCES)],
        required=False,
        widget=ProvinceSelect(attrs={"autocomplete": "address-level1"}),
        error_messages={"invalid_choice": _("Choose the province of residence from the list")},
    )
    city = FixedChoiceField(
        label=_("City of residence"),
        choices=[EMPTY_CHOICE, *CITY_GROUPS],
        required=False,
        widget=CitySelect(attrs={"autocomplete": "address-level2"}),
        error_messages={"invalid_choice": _("Choose the city of residence from the list")},
    )
    foreign_city = PersianNameField(kind="city", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("province", "city"):
            cast(OfProvince, self.fields[name].widget).province = self._shown_province

    def list_countries(self) -> None:
        """Let the page hold all countries."""
        cast(CountrySelect, self.fields["country"].widget).is_whole = True

    def _shown_province(self) -> str:
        """The province that was chosen, else that of the city; empty if neither is known."""
        province, city = self["province"].value(), self["city"].value()
        if province in PROVINCES:
            return str(province)
        return province_of(city) if city in CITIES else ""

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if answers.get("country") == "IR":
            self.errors.pop("foreign_city", None)  # whatever stands there is not asked
            self._check_city(answers.get("province"), answers.get("city"))
        elif "country" in answers:
            self.errors.pop("province", None)
            self.errors.pop("city", None)
            if not answers.get("foreign_city") and "foreign_city" not in self.errors:
                self.add_error("foreign_city", _("Enter the city of residence"))
            answers["city"] = answers.get("foreign_city", "")
        in_iran = answers.get("country") == "IR" and answers.get("city") in CITIES
        answers["province"] = province_of(answers["city"]) if in_iran else ""
        return answers

    def _check_city(self, province: str | None, city: str | None) -> None:
        if "city" in self.errors:
            return
        if not city:
            self.add_error("city", _("Choose the city of residence"))
        elif province and province_of(city) != province:
            self.add_error("city", _("Choose a city of the province that you have chosen"))
