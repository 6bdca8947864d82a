"""The forms of the wizard by themselves: what they clean to, in what order they complain, what differs by flow."""

from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from iran.letters import SERIES_LETTERS
from registration.lifecycle import submission
from registration.models import RegistrationRequest
from registration.wizard.account_form import PortalForm
from registration.wizard.flows import ESERVICES, FLOWS, PORTAL
from registration.wizard.forms import ActivationForm, ContactForm
from sms.models import Message, OtpChallenge
from tests.registration.rows import make_request
from tests.registration.wizard.walking import ANSWER, PASSWORD, Citizen, contact, persian

pytestmark = pytest.mark.django_db

ME = Citizen(481)


def draft() -> RegistrationRequest:
    """As it is when the last of three steps is drawn: a proved mobile and no name."""
    return RegistrationRequest(national_code=ME.national_code, mobile=ME.mobile, flow="portal")


def portal_form(**changes: Any) -> PortalForm:
    return PortalForm({**ME.identity, **changes}, draft=draft())


def test_a_person_is_cleaned_to_what_the_row_keeps() -> None:
    form = portal_form(
        last_name="  بهرامي ",
        certificate_number="۴۱ ۲۷",
        birth_date_month="بهمن",
        birth_date_year="١٣٦٢",
        email=" A@b.ir ",
    )
    assert form.is_valid(), form.errors
    fields = submission.identity_fields(form.cleaned_data)
    kept = ME.stated | {"first_name_key": "نرگس", "last_name_key": "بهرامی", "country": "IR", "city": "تهران"}
    kept["province"] = "تهران"
    assert fields == kept
    assert form.cleaned_data["email"] == "A@b.ir"


def test_secrets_leave_the_form_as_hashes_only() -> None:
    form = portal_form()
    assert form.is_valid()
    kept = submission.account_fields(form.cleaned_data, PORTAL.questions)
    assert set(kept) == {"email", "question_1", "password_hash", "answers_hash"}
    assert kept["password_hash"].startswith("argon2$argon2id$")
    assert kept["answers_hash"].startswith("argon2$argon2id$")
    assert PASSWORD not in str(kept)
    assert ANSWER not in str(kept)


def test_an_empty_form_complains_in_the_order_of_the_page() -> None:
    form = PortalForm({}, draft=draft())
    assert list(form.errors) == [
        *RegistrationRequest.IDENTITY_FIELDS,
        *("country", "email", "password1", "password2", "question_1", "answer_1"),
    ]


def test_the_summary_of_errors_follows_the_fields() -> None:
    order = [name for name in PortalForm({}, draft=draft()).fields if name != "draft_mark"]
    assert order == [
        *RegistrationRequest.IDENTITY_FIELDS,
        *("country", "province", "city", "foreign_city", "email", "password1", "password2", "question_1", "answer_1"),
    ]


def test_every_broken_rule_of_the_password_is_said_at_once() -> None:
    broken = portal_form(password1="1ab", password2="1ab").errors["password1"]
    assert len(broken) >= 3
    assert "password2" not in portal_form(password1="1ab", password2="other").errors  # first a good one, then twice


@pytest.mark.parametrize("password", ["Bahrami99", "Narges!99", f"Ab{ME.national_code}"])
def test_a_password_made_of_the_person_is_refused(password: str) -> None:
    [problem] = portal_form(password1=password, password2=password).errors["password1"]
    assert problem == persian("The password must not contain your first name, last name or national code")


def test_a_password_is_judged_without_names_too_when_they_are_wrong() -> None:
    form = portal_form(first_name="Narges", last_name="")
    assert set(form.errors) == {"first_name", "last_name"}


def test_passwords_are_compared_and_kept_exactly_as_typed() -> None:
    assert "password2" in portal_form(password2=PASSWORD + " ").errors
    assert "password1" in portal_form(password1=f" {PASSWORD}", password2=f" {PASSWORD}").errors
    form = portal_form(password1="Zangule21" * 14, password2="Zangule21" * 14)  # 126 characters
    assert form.is_valid()
    assert len(form.cleaned_data["password1"]) == 126


@pytest.mark.parametrize("answer", [PASSWORD, PASSWORD.lower(), "بهرامی", "1362/11/03", "۱۳۶۲", "4127", "073516"])
def test_an_answer_that_is_the_password_or_on_the_certificate_is_refused(answer: str) -> None:
    assert "answer_1" in portal_form(answer_1=answer).errors


def test_the_letters_of_a_series_are_those_of_the_alphabet_once() -> None:
    assert len(SERIES_LETTERS) == len(set(SERIES_LETTERS)) == 32
    assert SERIES_LETTERS[0] == "الف"
    assert not set("يكئأآة") & set("".join(SERIES_LETTERS[1:]))


def test_the_first_step_tells_only_complete_answers_that_a_request_exists(client: Client) -> None:
    make_request(481, "submitted")
    broken = contact(client, ME, mobile="1")
    assert set(broken.context["form"].errors) == {"mobile"}
    whole = contact(client, ME)
    assert whole.context["form"].errors.as_data()["national_code"][0].code == "taken"
    assert not Message.objects.exists()


def test_the_operator_of_the_guide_is_preselected_and_the_order_is_the_contracts() -> None:
    field = ContactForm().fields["operator"]
    assert field.initial == "mci"
    names = [value for value, _ in field.choices]  # type: ignore[attr-defined]
    assert names == ["mci", "irancell", "rightel", "shatel", "samantel", "aptel", "other"]


def test_a_code_in_any_digits_is_compared_in_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def confirm(challenge: OtpChallenge, code: str, seen: None) -> Any:
        asked.append(code)
        raise LookupError

    monkeypatch.setattr("sms.otp.form.otp.confirm", confirm)
    for typed in ("۰۱۲۳۴۵", "٠١٢٣٤٥", " 012-345 ", "\u200f012345\u200f", "۰۱۲ 345"):
        with pytest.raises(LookupError):
            ActivationForm({"code": typed}, challenge=OtpChallenge()).is_valid()
    assert asked == ["012345"] * 5


def test_every_field_of_the_three_steps_is_mandatory_and_the_e_mail_is_not_in_the_four() -> None:
    """Three steps: all items; four steps: those with a star (docs/guides.md)."""
    optional = {name for name, field in PortalForm(draft=draft()).fields.items() if not field.required}
    assert optional == {"draft_mark", "province", "city", "foreign_city"}  # one of the cities: forms.IdentityForm.clean
    assert portal_form(email="").errors.keys() == {"email"}
    account: Any = ESERVICES.steps["account"]
    assert not account(draft=draft()).fields["email"].required


def test_no_field_lets_the_browser_cut_or_judge() -> None:
    for flow in FLOWS.values():
        for step, form in flow.steps.items():
            known: dict[str, Any] = {"contact": {}, "activation": {"challenge": OtpChallenge()}}
            page = str(form(**known.get(step, {"draft": draft()})))
            for attribute in (" maxlength", " required", " pattern", 'type="number"', 'type="email"'):
                assert attribute not in page, f"{flow.name} {step}: {attribute}"


def test_every_label_and_help_has_its_persian() -> None:
    with override("fa"):
        for field in PortalForm(draft=draft()).fields.values():
            for words in (str(field.label or ""), str(field.help_text or "")):
                assert not words or any("\u0600" <= letter <= "\u06ff" for letter in words) or field.label is None
