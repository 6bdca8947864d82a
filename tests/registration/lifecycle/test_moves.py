"""The table of statuses and moves is all there is: of the code, and of the picture."""

import pytest
from django.utils import timezone

from registration.lifecycle.moves import move
from registration.models import RegistrationRequest
from tests.registration.rows import UNDECIDED, Status, make_request
from tests.rows import undone
from tests.source_code import pictured, writers

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("source", Status.values)
def test_a_request_moves_as_the_table_says_and_no_other_way(source: str) -> None:
    for target in Status.values:
        with undone():
            assert_moves(make_request(41, source), source, target)


def assert_moves(request: RegistrationRequest, source: str, target: str) -> None:
    one = RegistrationRequest.objects.filter(pk=request.pk)
    if target not in RegistrationRequest.MOVES.get(source, ()):
        with pytest.raises(ValueError, match=f"from {source} to {target}"):
            move(one, [source], target)
        return
    identity = {"identity": "match"} if target == Status.BRANCH else {"identity": "mismatch"}
    submitted = {"submitted_at": timezone.now(), "password_hash": "argon2$a", "answers_hash": "argon2$b"}
    changes = submitted if source == Status.DRAFT else {"decided_at": timezone.now()}

    assert move(one, [source], target, **identity, **changes)
    assert not move(one, [source], target), "somebody was faster"

    request.refresh_from_db()
    assert request.status == target
    assert bool(request.password_hash or request.answers_hash) == (target not in RegistrationRequest.FINAL)


def test_final_are_those_after_which_nothing_comes() -> None:
    assert {"activated", "expired", "rejected", "superseded", "withdrawn"} == RegistrationRequest.FINAL
    assert set(Status) - RegistrationRequest.FINAL - UNDECIDED == RegistrationRequest.OPEN


def test_every_move_of_the_table_is_one_of_the_picture() -> None:
    assert pictured("States of a request") == RegistrationRequest.MOVES


def test_nobody_else_writes_a_status() -> None:
    filling_a_page = {"registration.pages.track": {"track"}}
    assert writers("status") == {"registration.lifecycle.moves": {"_change"}} | filling_a_page
