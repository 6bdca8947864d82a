"""Drafts: how one begins and gets its codes, and what it keeps of the answers."""

from datetime import timedelta
from typing import Any, TypeVar

import pytest
from django.contrib.auth.hashers import check_password
from django.utils import timezone

from accounts.questions.answers import answers_match
from infra.limits import LimitReached
from registration.lifecycle import draft as saved_draft
from registration.lifecycle import submission
from registration.lifecycle.submission import AlreadyRequested
from registration.models import RegistrationRequest
from registration.models.request import NEVER_EMPTY
from sms.models import Message, OtpChallenge
from tests import clock
from tests.people import STATED, national_code
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db

Status = RegistrationRequest.Status
CLIENT_IP = "192.0.2.77"
T = TypeVar("T")


def granted(result: T | LimitReached) -> T:
    """`result`, unless it is a limit: that is raised."""
    if isinstance(result, LimitReached):
        raise result
    return result


def start(number: int, before: RegistrationRequest | None = None, **changes: str) -> RegistrationRequest:
    answers = {"national_code": national_code(number), "operator": "mci", "mobile": f"+989970000{number}", **changes}
    return granted(submission.start(before, flow="eservices", client_ip=CLIENT_IP, **answers))


def row(draft: RegistrationRequest) -> RegistrationRequest:
    """The draft as the database has it."""
    return RegistrationRequest.objects.select_related("challenge").get(pk=draft.pk)


def let_the_code_die() -> None:
    past = timezone.now() - timedelta(minutes=11)
    OtpChallenge.objects.update(created_at=past, expires_at=past + timedelta(minutes=10))
    Message.objects.update(created_at=past)


def test_a_draft_begins_with_the_answers_of_the_first_step_and_a_challenge_of_its_own() -> None:
    draft = row(start(486))
    assert (draft.status, draft.flow, draft.operator) == (Status.DRAFT, "eservices", "mci")
    assert (draft.national_code, draft.mobile) == (national_code(486), "+989970000486")
    challenge = draft.challenge
    assert (challenge.purpose, challenge.national_code, challenge.mobile) == (
        "registration",
        draft.national_code,
        draft.mobile,
    )
    assert Message.objects.get().client_ip == CLIENT_IP


def test_the_same_first_step_again_goes_on_with_the_draft_and_its_code() -> None:
    draft = start(483)
    again = start(483, draft, operator="irancell")
    assert again == draft
    assert RegistrationRequest.objects.get().operator == again.operator == "irancell"
    assert Message.objects.count() == 1


def test_another_mobile_is_another_draft() -> None:
    draft = start(484)
    other = start(484, draft, mobile="+989970000999")
    assert other != draft
    assert other.challenge.mobile == other.mobile == "+989970000999"


def test_who_is_taken_gets_neither_draft_nor_code() -> None:
    make_request(485, Status.SUBMITTED)
    with pytest.raises(AlreadyRequested):
        start(485)
    assert not Message.objects.exists()
    assert not RegistrationRequest.objects.filter(status=Status.DRAFT).exists()


def test_a_new_code_for_a_dead_one_belongs_to_the_same_draft() -> None:
    draft = start(481)
    first = draft.challenge
    past = timezone.now() - timedelta(minutes=11)
    OtpChallenge.objects.update(created_at=past, expires_at=past + timedelta(minutes=10))
    Message.objects.update(created_at=past)
    granted(submission.resend_code(draft, CLIENT_IP))
    held = draft.challenge
    draft = RegistrationRequest.objects.select_related("challenge").get()
    assert draft.challenge == held != first
    assert (draft.challenge.national_code, draft.challenge.mobile) == (first.national_code, first.mobile)
    assert Message.objects.count() == 2


def test_a_draft_without_its_code_is_none() -> None:
    first = start(482)
    with pytest.raises(LimitReached):
        start(482)
    assert list(RegistrationRequest.objects.all()) == [first]
    assert OtpChallenge.objects.count() == Message.objects.count() == 1


def test_the_same_first_step_after_the_code_died_brings_a_new_one_to_the_same_draft() -> None:
    other, draft = start(487), start(488)
    let_the_code_die()
    again = start(488, row(draft), operator="irancell")
    assert again == draft
    assert row(draft).challenge == again.challenge != draft.challenge
    assert row(draft).operator == "irancell"
    assert row(other).challenge == other.challenge


def test_a_draft_that_was_left_alone_for_too_long_gets_another_code_which_must_be_confirmed() -> None:
    other, draft = start(495), start(492)
    OtpChallenge.objects.update(attempts=1, confirmed_at=timezone.now())
    clock.advance(hours=1)
    proved = draft.challenge
    granted(submission.prove_again(draft, "192.0.2.78"))
    now = row(draft)
    assert now.challenge == draft.challenge != proved
    assert (now.challenge.confirmed_at, now.operator, now.mobile) == (None, "mci", "+989970000492")
    assert Message.objects.latest("pk").client_ip == "192.0.2.78"
    assert row(other).challenge == other.challenge


def test_who_has_a_request_elsewhere_by_now_gets_no_other_code() -> None:
    draft = start(493)
    make_request(498, Status.SUBMITTED, national_code=draft.national_code)
    clock.advance(hours=1)
    with pytest.raises(AlreadyRequested):
        submission.prove_again(draft, CLIENT_IP)
    assert Message.objects.count() == 1


def test_what_is_no_draft_any_more_takes_no_answers() -> None:
    """A browser that was left open for days, while the request was made in another one and decided."""
    decided = make_request(489)
    start(489, decided, operator="irancell")
    assert row(decided).operator == "mci"


def test_a_code_is_read_out_only_where_that_is_asked_for() -> None:
    draft = start(491)
    for minutes in (3, 3, 14):
        clock.advance(minutes=minutes)
        granted(submission.resend_code(row(draft), CLIENT_IP))
    clock.advance(minutes=3)
    granted(submission.resend_code(row(draft), CLIENT_IP, by_voice=True))
    assert list(Message.objects.order_by("pk").values_list("by_voice", flat=True)) == [False] * 4 + [True]


def test_of_the_identity_step_a_draft_keeps_the_person_and_the_place() -> None:
    place = {"country": "IR", "city": "تهران", "province": "تهران"}
    kept = submission.identity_fields({**STATED, **place, "password1": "Zangule21", "captcha": "odd"})
    assert kept == RegistrationRequest.with_keys(STATED) | place


ACCOUNT: dict[str, Any] = {"email": "sara@example.com", "password1": "Zangule21", "captcha": "odd"}
ACCOUNT |= {f"question_{number}": f"question {number}" for number in (1, 2, 3)}
ACCOUNT |= {f"answer_{number}": f"فردوسی {number}" for number in (1, 2, 3)}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_of_the_account_step_a_draft_keeps_hashes_instead_of_secrets(count: int) -> None:
    kept = submission.account_fields(ACCOUNT, count)
    assert check_password("Zangule21", kept.pop("password_hash"))
    assert answers_match([f"فردوسی {number}" for number in range(1, count + 1)], kept.pop("answers_hash"))
    questions = {f"question_{number}": f"question {number}" for number in range(1, count + 1)}
    assert kept == questions | {"email": "sara@example.com"}


def test_secrets_that_are_left_out_leave_those_of_the_draft_alone() -> None:
    assert "password_hash" not in submission.account_fields(ACCOUNT | {"password1": ""}, 3)
    assert "answers_hash" not in submission.account_fields(ACCOUNT | {"answer_2": ""}, 3)
    assert "answers_hash" in submission.account_fields(ACCOUNT | {"answer_2": ""}, 1)


@pytest.mark.parametrize("name", [*NEVER_EMPTY, "birth_date"])
def test_a_draft_that_lacks_what_is_asked_today_is_asked_for_its_identity(name: str) -> None:
    """It may be from before a release that asks for more."""
    draft = make_request(494, Status.DRAFT)
    assert draft.has_identity()
    setattr(draft, name, None if name == "birth_date" else "")
    assert not draft.has_identity()
    assert saved_draft.answers_of(draft) == {}
