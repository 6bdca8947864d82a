"""Nobody can make the portal work for long with one long text: its length is looked at before anything else is.

A run of combining marks takes normalisation a time that grows with its square, and nothing else runs meanwhile.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django import forms
from django.test import Client

from accounts.models import RecoveryRun, SecurityQuestion, User
from accounts.passwords.form import NewPasswordForm
from accounts.passwords.hasher import PortalArgon2
from accounts.profile.forms import ConfirmedForm, EmailForm, MobileForm, PasswordChangeForm, QuestionsForm
from accounts.recovery.forms import AnewForm, AnswersForm, RecoverForm
from accounts.sign_in.forms import SignInForm
from iran import names, numbers
from iran.typed import LONGEST
from registration.desk import enrol, staff_acts
from registration.desk.accounts.forms import ErrandForm, NewMobileForm
from registration.desk.bulk import SeenForm
from registration.desk.correct_form import CorrectForm
from registration.desk.forms import ActivateForm, ReachForm, RejectForm, WithdrawForm
from registration.desk.handling import NoteForm
from registration.desk.looks.forms import LooksForm
from registration.desk.sign_in import DeskSignInForm, TotpForm
from registration.desk.step_up import FreshCodeForm
from registration.lifecycle import tracking_code
from registration.models import RegistrationRequest
from registration.pages.track import TrackForm
from registration.registry.fields import READERS, UnreadableField
from registration.wizard import account_form, eservices_forms
from registration.wizard import forms as wizard_forms
from sms.otp.form import OtpForm
from sso.desk.forms import ServiceForm
from tests import source_code
from tests.accounts.helpers import PASSWORD, know_device, make_account
from tests.people import STATED, national_code, typed
from tests.registration.rows import make_request
from tests.test_addresses import ALL
from tests.work import counting

pytestmark = pytest.mark.django_db

ROOM = 32 * 1024  # bytes of a whole body: no field can be longer
HOSTILE = {
    "combining marks in the wrong order": "\u0315\u0300",
    "one sign that becomes eighteen": "\ufdfa",
    "vowel signs": "\u064b\u0650",
    "marks that nobody sees": "\u200c\u200e",
    "spaces and dashes": " -",
    "letters": "ا",
    "Latin letters": "a",
    "Persian digits": "۱",
    "digits": "1",
    "an address": "//\u0300",
    "an e-mail": "a@\u0315\u0300",
}
A_LITTLE = 20 * LONGEST  # characters; what one hostile text may cost beside an honest one


def long_text(sign: str) -> str:
    return sign * (ROOM // len(sign.encode()))


Make = Callable[[dict[str, str]], forms.BaseForm]


@pytest.fixture(autouse=True)
def _neither_hashes_nor_limits(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Here the work before a hash counts."""
    monkeypatch.setattr(PortalArgon2, "encode", lambda self, password, salt: f"argon2${password}")
    monkeypatch.setattr(PortalArgon2, "verify", lambda self, password, encoded: encoded == f"argon2${password}")
    monkeypatch.setattr(PortalArgon2, "must_update", lambda self, encoded: False)
    settings.LIMIT_SIGN_IN_PER_NATIONAL_CODE = settings.LIMIT_SIGN_IN_PER_IP = settings.LIMIT_HASHES = [(10_000, 60)]


@pytest.fixture
def citizen(_neither_hashes_nor_limits: None) -> User:
    return make_account()


@pytest.fixture
def made(citizen: User, rf: Any) -> dict[Any, Make]:
    """How each form of the portal is made for answers without a prefix."""
    draft = make_request(2, RegistrationRequest.Status.DRAFT)
    run = RecoveryRun.objects.create(user=citizen, challenge=draft.challenge, security_version=citizen.security_version)
    questions = list(SecurityQuestion.objects.all()[:2])
    own: dict[str, Any] = {"user": citizen, "session": "any"}
    of_draft: list[Any] = [
        *(account_form.AccountForm, account_form.PortalForm),
        *(eservices_forms.EservicesIdentityForm, eservices_forms.EservicesAccountForm, eservices_forms.ReviewForm),
    ]
    alone: list[Any] = [
        *(wizard_forms.ContactForm, wizard_forms.DraftForm, wizard_forms.IdentityForm),
        *(RecoverForm, TrackForm, RejectForm, ReachForm, NoteForm, TotpForm),
        *(enrol.EnrolForm, enrol.PresentPasswordForm, enrol.FirstCodeForm),
        *(FreshCodeForm, SeenForm, WithdrawForm, ServiceForm),
    ]
    of_staff: list[Any] = [*(staff_acts.ReasonForm, staff_acts.BranchForm, staff_acts.RoleForm, staff_acts.InviteForm)]
    of_owner: list[Any] = [ConfirmedForm, EmailForm, MobileForm, PasswordChangeForm, QuestionsForm]
    return {
        **{form: form for form in alone},
        **{form: partial(form, draft=draft) for form in of_draft},
        **{form: partial(form, draft) for form in (ActivateForm, CorrectForm)},
        **{form: partial(_errand, form, citizen) for form in (ErrandForm, NewMobileForm)},
        **{form: partial(form, challenge=draft.challenge) for form in (wizard_forms.ActivationForm, OtpForm)},
        **{form: partial(form, user=citizen) for form in (NewPasswordForm, AnewForm, enrol.FirstPasswordForm)},
        **{form: partial(form, viewer=citizen, member=citizen) for form in of_staff},
        **{form: partial(form, **own) for form in of_owner},
        LooksForm: partial(LooksForm, viewer=citizen),
        SignInForm: partial(SignInForm, client_ip="192.0.2.1"),
        DeskSignInForm: partial(DeskSignInForm, rf.post("/")),
        AnswersForm: partial(AnswersForm, run=run, user=citizen, questions=questions),
    }


def _errand(form: Any, citizen: User, data: Any) -> Any:
    return form(citizen, [], data, documents=True)


def every_form(of: Any = forms.BaseForm) -> Iterator[Any]:
    """The forms of our own; one that has no field itself and is there to be built upon is not drawn anywhere."""
    for form in of.__subclasses__():
        if form.__module__.partition(".")[0] in source_code.APPS and (form.base_fields or not form.__subclasses__()):
            yield form
        yield from every_form(form)


def honest(citizen: User) -> dict[str, str]:
    questions = SecurityQuestion.objects.values_list("pk", flat=True)
    return {
        **typed(STATED),
        **{f"question_{number}": str(pk) for number, pk in enumerate(questions[:3], 1)},
        **{f"answer_{number}": f"پاسخ من {word}" for number, word in enumerate(("فیروزه", "نارنج", "بلوط"), 1)},
        "national_code": national_code(9),
        "username": citizen.national_code,
        "operator": "mci",
        "mobile": "09120000009",
        "code": "123456",
        "country": "IR",
        "province": "تهران",
        "city": "تهران",
        "foreign_city": "بغداد",
        "email": "sara@example.com",
        "password": PASSWORD,
        "password1": "Badbadak%45",
        "password2": "Badbadak%45",
        "current_password": PASSWORD,
        "tracking_code": tracking_code.new(),
        "reason": "other",
        "details": "مدارک",
        "words": "یادداشت",
        "mark": "0123456789abcdef",
        "documents": "passport",
        "compared": "first_name",
        "version": "0",
    }


def inputs(form: forms.BaseForm) -> list[str]:
    """Names of what a form takes: a date's parts are three."""
    found = []
    for name, field in form.fields.items():
        parts: list[str] = getattr(field.widget, "widgets_names", [""])
        found += [name + part for part in parts]
    return found


def test_every_form_is_tried(made: dict[Any, Make]) -> None:
    assert set(every_form()) == set(made)


@pytest.mark.parametrize("sign", HOSTILE.values(), ids=HOSTILE)
def test_no_field_of_any_form_works_on_a_text_that_is_too_long(made: dict[Any, Make], citizen: User, sign: str) -> None:
    answers = honest(citizen)
    for form, make in made.items():
        with counting() as usual:
            make(answers).is_valid()
        for name in inputs(make(answers)):
            with counting() as work:
                bound = make(answers | {name: long_text(sign)})
                bound.is_valid()
            assert work.characters <= usual.characters + A_LITTLE, (form.__name__, name)


@pytest.mark.parametrize("sign", HOSTILE.values(), ids=HOSTILE)
def test_all_fields_together_do_not_either(made: dict[Any, Make], citizen: User, sign: str) -> None:
    for form, make in made.items():
        names = inputs(make({}))
        with counting() as work:
            make(dict.fromkeys(names, long_text(sign))).is_valid()
        assert work.characters <= A_LITTLE * len(names), form.__name__


@pytest.mark.parametrize("sign", HOSTILE.values(), ids=HOSTILE)
def test_what_brings_texts_to_one_form_leaves_a_long_one_as_it_is(sign: str) -> None:
    for normalise in (names.normalise_name, names.fold, names.normalise_answer, numbers.clean_number):
        with counting() as work:
            assert normalise(long_text(sign)) == long_text(sign)
        assert work.characters == 0, normalise.__name__


@pytest.mark.parametrize("sign", HOSTILE.values(), ids=HOSTILE)
def test_a_field_of_a_registry_s_file_is_bounded_too(sign: str) -> None:
    for column, read in READERS.items():
        with counting() as work, pytest.raises(UnreadableField):
            read(long_text(sign))
        assert work.characters <= 3 * ROOM, column  # a pattern that ends at the first sign that does not fit


def names_in_source() -> set[str]:
    """What any view reads of an address or a form by name."""
    found: set[str] = set()
    for path in source_code.sources(*source_code.APPS):
        text = path.read_text("utf-8")
        found |= set(re.findall(r'(?:GET|POST|told)(?:\.get\(|\[)"([A-Za-z_-]+)"', text))
    return found | {"q", "next", "registration-current_step", "wizard_goto_step", "language", "csrfmiddlewaretoken"}


def test_the_names_are_found() -> None:
    assert names_in_source() >= {"step", "province", "city", "next", "to", "q"}


@pytest.mark.parametrize("sign", ["\u0315\u0300", "\ufdfa", "1"])
def test_no_address_works_on_long_texts_around_its_form(client: Client, citizen: User, sign: str) -> None:
    know_device(client, citizen)
    client.force_login(citizen)
    client.raise_request_exception = False
    names = names_in_source()
    text = sign * (ROOM // len(names) // len(sign.encode()) - 20)
    assert len(text) > LONGEST
    body = "&".join(f"{name}=//{text}" for name in names)
    raw = text.encode().decode("latin-1")  # as servers hand headers over
    headers = {"Referer": f"http://{raw}", "User-Agent": raw, "Accept-Language": raw, "Accept": raw}
    for address, _ in ALL:
        client.get(address)  # its templates are compiled once, whatever anybody sends
        with counting() as work:
            asked = client.get(address, query_params=dict.fromkeys(names, f"//{text}"), headers=headers)
            told = client.post(address, body, "application/x-www-form-urlencoded", headers=headers)
        assert all(response.status_code < 500 or "health" in address for response in (asked, told)), address
        assert work.characters <= A_LITTLE, address


@pytest.mark.filterwarnings("ignore::django.core.cache.CacheKeyWarning")  # of a session's key that is none
def test_nor_on_cookies(settings: Any) -> None:
    raw = ("\u0315\u0300" * 2000).encode().decode("latin-1")
    for name in (settings.LANGUAGE_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME, "device"):
        with counting() as work:
            assert Client().get("/accounts/login/", headers={"Cookie": f"{name}={raw}"}).status_code == 200
        assert work.characters <= A_LITTLE, name
