"""Two clerks at one moment: for every pair of verbs the second is told, and nothing is done twice."""

from collections.abc import Callable
from itertools import combinations_with_replacement
from typing import Any

import pytest

from accounts.models import User
from registration.desk import roles
from registration.lifecycle import asking, corrections, decisions, documents, handling, repeating, withdrawal
from registration.lifecycle.documents import Seen
from registration.models import RegistrationRequest, RequestEvent, Status
from sms.models import Message
from tests.registration.desk.members import member, office
from tests.registration.rows import make_request
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

IP = "192.0.2.7"
DEAD: dict[str, Any] = {"identity": "deceased", "findings": {}}
EVERYTHING = Seen(documents=["passport"], fields=RegistrationRequest.IDENTITY_FIELDS, mobile="آنتن ندارد")
Verb = Callable[[RegistrationRequest, User, str], object]


def correct(row: RegistrationRequest, by: User, mark: str) -> object:
    values = {name: getattr(row, name) for name in RegistrationRequest.IDENTITY_FIELDS}
    values |= {"first_name": f"ساره {'الف' if by.last_name == 'یک' else 'ب'}"}
    return corrections.correct(row.pk, by=by, client_ip=IP, values=values, words="گذرنامه", mark=mark)


def activate(row: RegistrationRequest, by: User, mark: str) -> object:
    seen = Seen(documents=["passport"], fields=RegistrationRequest.IDENTITY_FIELDS, mobile="آنتن ندارد", mark=mark)
    return decisions.activate(row.pk, by=by, client_ip=IP, seen=seen)


# What is done, and what the second of two is told who does the same.
VERBS: dict[str, Verb] = {
    "activate": activate,
    "reject": lambda row, by, mark: decisions.reject(row.pk, by=by, client_ip=IP, words="دلیل"),
    "withdraw": lambda row, by, mark: withdrawal.withdraw(row.pk, by=by, client_ip=IP, words="دلیل"),
    "correct": correct,
    "take": lambda row, by, mark: handling.take(row.pk, by=by, client_ip=IP, instead_of=None),
    "ask_again": lambda row, by, mark: asking.ask_again(row.pk, by=by, client_ip=IP),
    "send_again": lambda row, by, mark: repeating.send_again(row.pk, by=by, client_ip=IP),
    "note": lambda row, by, mark: handling.note(row.pk, by=by, client_ip=IP, words="یادداشت"),
}
ENDS = {"activate", "reject", "withdraw"}
KINDS = {
    "activate": "documents_seen",
    "reject": "rejected",
    "withdraw": "withdrawn",
    "correct": "corrected",
    "take": "taken",
    "ask_again": "asked_again",
    "send_again": "sent_again",
    "note": "noted",
}
TOLD = (
    decisions.AlreadyDecided,
    documents.ChangedMeanwhile,
    handling.TakenMeanwhile,
    asking.CannotHelp,
)
# May both happen, in this or the other order? Whoever notes, or sends what stands there, is in nobody's way.
ALONE = {"activate", "reject", "withdraw", "correct", "take", "ask_again"}


def clerks() -> list[User]:
    named = {"branch": office()}
    return [member(750 + number, roles.CLERK, last_name=name, **named) for number, name in enumerate(("یک", "دو"))]


def at_once(row: RegistrationRequest, first: Verb, second: Verb, mark: str) -> list[object]:
    """What each of both verbs came to, in their order."""
    found: dict[int, object] = {}
    work = list(enumerate(zip((first, second), clerks(), strict=True)))

    def act() -> None:
        number, (verb, by) = work.pop()
        try:
            verb(row, by, mark)
            found[number] = None
        except TOLD as told:
            found[number] = told

    assert together(act, 2) == [None, None]
    return [found[0], found[1]]


@pytest.mark.parametrize(("first", "second"), list(combinations_with_replacement(VERBS, 2)))
def test_the_second_of_two_is_told(first: str, second: str) -> None:
    row = make_request(41, Status.MISMATCH, findings={"first_name": "mismatch"}, province="تهران")
    mark = documents.mark_of(row)
    outcome = at_once(row, VERBS[first], VERBS[second], mark)
    row.refresh_from_db()
    done = [name for name, told in zip((first, second), outcome, strict=True) if told is None]
    written = sorted(RequestEvent.objects.filter(request=row).values_list("kind", flat=True))
    assert written == sorted(KINDS[name] for name in done)  # what was done is an event, and nothing else is
    assert done, "one of both comes first"
    if first == second and first in ALONE:
        assert len(done) == 1
    ended = [name for name in done if name in ENDS]
    assert len(ended) <= 1
    if {first, second} <= ENDS:
        assert len(done) == 1
    if ended:
        expected = {"activate": "activated", "reject": "rejected", "withdraw": "withdrawn"}[ended[0]]
        assert row.status == expected
        assert User.objects.filter(national_code=row.national_code).exists() == (expected == "activated")
    else:
        assert row.status == Status.MISMATCH
    if "correct" in done and "activate" in done:  # the data that were looked at are those of the account
        pytest.fail("whoever activates by the old data is told")
    results = Message.objects.exclude(purpose=Message.Purpose.DESK_REPEAT).count()
    assert results == len(ended)


def word(row: RegistrationRequest, by: User) -> None:
    decisions.give_first_word(row.pk, by=by, client_ip=IP, seen=EVERYTHING, words="گذرنامه")


def test_two_first_words_are_not_both_words() -> None:
    row = make_request(41, Status.MISMATCH, **DEAD)
    people = clerks()

    def act() -> None:
        word(row, people.pop())

    outcome = together(act, 2)
    assert sorted(type(one).__name__ for one in outcome) == ["NoneType", "OtherFirst"]
    assert row.events.filter(kind="first_word").count() == 1


def test_two_second_words_open_one_account() -> None:
    row = make_request(41, Status.MISMATCH, **DEAD)
    word(row, member(760, roles.CLERK))
    people = clerks()

    def act() -> object:
        by = people.pop()
        decisions.give_second_word(row.pk, by=by, client_ip=IP, seen=EVERYTHING, words="گذرنامه")
        return None

    outcome = together(act, 2)
    assert sorted(type(one).__name__ for one in outcome) == ["AlreadyDecided", "NoneType"]
    assert User.objects.filter(national_code=row.national_code).count() == 1


def test_who_hands_over_what_was_taken_over_meanwhile_is_told() -> None:
    row = make_request(41, province="تهران")
    mina, azar = clerks()
    handling.take(row.pk, by=mina, client_ip=IP, instead_of=None)
    held = handling.holder(row)
    assert held
    acts: list[Callable[[], None]] = [
        lambda: handling.hand_over(row.pk, by=mina, to=azar.pk, client_ip=IP),
        lambda: handling.take(row.pk, by=azar, client_ip=IP, instead_of=held.pk),
        lambda: handling.hand_back(row.pk, by=mina, client_ip=IP),
    ]

    def act() -> object:
        return acts.pop()()

    outcome = together(act, 3)
    assert sorted(type(one).__name__ for one in outcome) == ["NoneType", "TakenMeanwhile", "TakenMeanwhile"]
