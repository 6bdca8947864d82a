"""From the proved draft to the submitted request: once, by one, whole or not at all."""

from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from accounts.models import User
from infra.limits import LimitReached
from registration.lifecycle import decisions, submission, tracking_code
from registration.lifecycle.submission import AlreadyRequested, DraftClosed
from registration.models import RegistrationRequest, RequestEvent
from sms.models import OtpChallenge
from tests import clock
from tests.people import national_code
from tests.registration.rows import SECRETS, make_request
from tests.threads import behind, together

pytestmark = pytest.mark.django_db

Status = RegistrationRequest.Status
CLIENT_IP = "192.0.2.77"
COMMITTED = pytest.mark.django_db(transaction=True)


def proved_draft(number: int, **fields: Any) -> RegistrationRequest:
    """A draft with everything but the last click."""
    draft = make_request(number, Status.DRAFT, tracking_code=None, **fields)
    OtpChallenge.objects.filter(pk=draft.challenge_id).update(attempts=1, confirmed_at=timezone.now())
    return draft


def submit(draft: RegistrationRequest) -> None:
    submission.submit(draft, SECRETS, CLIENT_IP)


def untouched(draft: RegistrationRequest) -> bool:
    now = RegistrationRequest.objects.select_related("challenge").get(pk=draft.pk)
    free = now.challenge.consumed_at is None
    return free and now.status == Status.DRAFT and now.tracking_code is None and not now.events.exists()


def test_a_submitted_request_is_due_proved_and_told_of(django_capture_on_commit_callbacks: Any) -> None:
    draft = proved_draft(461)
    clock.advance(hours=3)  # a draft waits for its citizen, not for a worker
    with (
        mock.patch.object(submission, "wake") as wake,
        django_capture_on_commit_callbacks(execute=True),
    ):
        submission.submit(draft, SECRETS, "2001:db8:1:2:3:4:5:6")
        wake.assert_not_called()  # not before it is committed
    wake.assert_called_once_with("registration.check_identity", draft.pk)  # an id and nothing else
    request = RegistrationRequest.objects.select_related("challenge").get()
    assert request.status == Status.SUBMITTED
    assert tracking_code.is_well_formed(request.tracking_code or "")
    assert request.challenge.consumed_at is not None
    assert request.submitted_at is not None
    assert request.due_at == request.submitted_at > request.created_at
    [event] = request.events.all()
    assert event.kind == "submitted"
    assert (event.from_status, event.to_status, event.client_network, event.actor) == (
        "draft",
        "submitted",
        "2001:db8:1:2::",
        None,
    )


def test_whoever_cannot_wake_a_worker_has_submitted(django_capture_on_commit_callbacks: Any) -> None:
    draft = proved_draft(462)
    with (
        mock.patch.object(submission, "wake", side_effect=RuntimeError),
        django_capture_on_commit_callbacks(execute=True),
    ):
        submit(draft)
    assert submission.is_submitted(draft)


@COMMITTED
def test_a_submission_sees_what_is_decided_about_the_person_while_it_waits() -> None:
    draft, code = proved_draft(460), national_code(460)

    def open_account() -> None:
        User.objects.create(national_code=code, activated_at=timezone.now())

    with pytest.raises(AlreadyRequested):
        behind(f"request {code}", lambda: submit(draft), open_account)
    assert untouched(draft)


@COMMITTED
def test_a_submission_supersedes_what_began_to_wait_for_a_clerk_meanwhile() -> None:
    draft, older = proved_draft(482), make_request(482, Status.SUBMITTED, mobile="+989970000995")

    def decide() -> None:
        changes = {"identity": "mismatch", "decided_at": timezone.now()}
        RegistrationRequest.objects.filter(pk=older.pk).update(status=Status.MISMATCH, **changes)

    behind(f"request {national_code(482)}", lambda: submit(draft), decide)
    older.refresh_from_db()
    assert older.status == Status.SUPERSEDED
    assert submission.is_submitted(draft)


@COMMITTED
def test_of_two_browsers_with_the_same_person_one_wins_and_the_other_is_told() -> None:
    drafts = [proved_draft(463), proved_draft(464, national_code=national_code(463))]
    mine = iter(drafts)
    results = together(lambda: submit(next(mine)), 2)
    assert sorted(type(result).__name__ for result in results) == ["AlreadyRequested", "NoneType"]
    assert RegistrationRequest.objects.filter(status=Status.SUBMITTED).count() == 1
    assert sum(untouched(draft) for draft in drafts) == 1


def test_a_double_click_is_no_second_request_of_the_person() -> None:
    draft = proved_draft(465)
    submit(draft)
    with pytest.raises(DraftClosed):
        submit(draft)
    assert submission.is_submitted(draft)


@pytest.mark.parametrize("confirmed", [True, False])
def test_without_an_unused_challenge_nothing_is_submitted(confirmed: bool) -> None:
    draft = make_request(466, Status.DRAFT, tracking_code=None)
    now = timezone.now()
    if confirmed:
        OtpChallenge.objects.update(attempts=1, confirmed_at=now, consumed_at=now)
    with pytest.raises(DraftClosed):
        submit(draft)
    assert not submission.is_submitted(draft)


def test_a_draft_that_was_purged_meanwhile_is_not_submitted() -> None:
    make_request(468, Status.SUBMITTED)
    draft = proved_draft(467)
    RegistrationRequest.objects.filter(pk=draft.pk).delete()
    with pytest.raises(DraftClosed):
        submit(draft)
    assert not submission.is_submitted(draft)
    assert OtpChallenge.objects.get(pk=draft.challenge_id).consumed_at is None


def test_a_tracking_code_that_somebody_has_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = make_request(468).tracking_code
    free = tracking_code.new()
    codes = iter([taken, taken, free])
    monkeypatch.setattr(tracking_code, "new", lambda: next(codes))
    draft = proved_draft(469)
    submit(draft)
    draft.refresh_from_db()
    assert draft.tracking_code == free
    assert draft.events.count() == 1


def test_a_draw_that_never_finds_a_free_code_fails_and_leaves_everything_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting = make_request(470, Status.BRANCH, mobile="+989970000999")
    draft = proved_draft(470)
    draws = mock.Mock(return_value=waiting.tracking_code)
    monkeypatch.setattr(tracking_code, "new", draws)
    with pytest.raises(IntegrityError):
        submit(draft)
    assert draws.call_count == 5
    assert untouched(draft)
    waiting.refresh_from_db()
    assert waiting.status == Status.BRANCH


def test_what_the_database_refuses_as_a_second_request_is_told_without_its_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The lock and the look before should prevent it; the constraint is the net."""
    make_request(471, Status.SUBMITTED)
    draft = proved_draft(471, mobile="+989970000998")
    free = submission._consuming() | {"taken": ("SELECT WHERE false", ())}
    monkeypatch.setattr(submission, "_consuming", lambda: free)
    with pytest.raises(AlreadyRequested) as caught:
        submit(draft)
    assert caught.value.__suppress_context__
    assert untouched(draft)


def test_whoever_got_an_account_meanwhile_submits_nothing() -> None:
    draft = proved_draft(481)
    User.objects.create(national_code=national_code(481), is_active=False, activated_at=timezone.now())
    with pytest.raises(AlreadyRequested):
        submit(draft)
    assert untouched(draft)


def test_a_row_that_is_not_complete_is_not_submitted() -> None:
    draft = proved_draft(472, city="")
    with pytest.raises(IntegrityError, match="request_complete_unless_draft"):
        submit(draft)
    assert untouched(draft)


def test_without_its_event_there_is_no_submission() -> None:
    draft = proved_draft(473)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registration_requestevent ADD CONSTRAINT no_event CHECK (false)")
    with pytest.raises(IntegrityError, match="no_event"):
        submit(draft)
    assert untouched(draft)


def test_without_the_event_of_an_older_one_there_is_no_submission(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = make_request(473, Status.MISMATCH, mobile="+989970000997")
    draft = proved_draft(473)

    def fail(**fields: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(RequestEvent.objects, "create", fail)
    with pytest.raises(RuntimeError):
        submit(draft)
    monkeypatch.undo()
    assert untouched(draft)
    waiting.refresh_from_db()
    assert waiting.status == Status.MISMATCH


@pytest.mark.parametrize("status", [Status.BRANCH, Status.MISMATCH])
def test_what_waits_for_a_clerk_is_superseded(status: str) -> None:
    older, draft = make_request(474, status), proved_draft(474, mobile="+989970000996")
    submit(draft)
    older.refresh_from_db()
    assert (older.status, older.password_hash, older.answers_hash) == (Status.SUPERSEDED, "", "")
    assert older.decided_at is not None
    assert [(event.from_status, event.to_status) for event in older.events.all()] == [(status, Status.SUPERSEDED)]
    with pytest.raises(decisions.AlreadyDecided):
        decisions.activate(
            older.pk, by=User.objects.create(national_code=national_code(1), is_active=False), client_ip=CLIENT_IP
        )


TAKEN: dict[str, bool] = {Status.SUBMITTED: True, Status.BRANCH: False, Status.MISMATCH: False, Status.EXPIRED: False}
TAKEN |= {Status.DRAFT: False, Status.REJECTED: False, Status.SUPERSEDED: False, Status.ACTIVATED: False}
TAKEN |= {Status.WITHDRAWN: False}


@pytest.mark.parametrize("status", Status)
def test_only_a_request_that_is_being_checked_blocks_a_new_one(status: str) -> None:
    make_request(475, status)
    assert submission.is_taken(national_code(475)) is TAKEN[status]  # of activated ones the account does
    assert not submission.is_taken(national_code(476))


@pytest.mark.parametrize(("active", "ever", "taken"), [(True, True, True), (False, True, True), (False, False, False)])
def test_an_account_blocks_if_it_was_ever_active(active: bool, ever: bool, taken: bool) -> None:
    at = timezone.now() if ever else None
    User.objects.create(national_code=national_code(477), is_active=active, activated_at=at)
    assert submission.is_taken(national_code(477)) is taken
    assert not submission.is_taken(national_code(478)), "another person's account"


def test_whoever_asks_too_often_whether_a_code_is_taken_is_refused(settings: Any) -> None:
    settings.LIMIT_UNCONFIRMED_PER_IP = [(2, 300)]
    User.objects.create(national_code=national_code(478), activated_at=timezone.now())
    for _ in range(3):
        submission.check_free(national_code(479), "2001:db8::1")  # counted by the code that is sent
    for _ in range(2):
        with pytest.raises(AlreadyRequested):
            submission.check_free(national_code(478), "2001:db8::1")
    for number in (478, 479):
        with pytest.raises(LimitReached, match=r"^taken-ip$"):
            submission.check_free(national_code(number), "2001:db8::2")  # the same network
    submission.check_free(national_code(479), "2001:db8:0:1::2")


@pytest.mark.usefixtures("redis_away")
def test_while_redis_is_away_people_can_register() -> None:
    submission.check_free(national_code(480), CLIENT_IP)
    make_request(480, Status.SUBMITTED)
    with pytest.raises(AlreadyRequested):
        submission.check_free(national_code(480), CLIENT_IP)
