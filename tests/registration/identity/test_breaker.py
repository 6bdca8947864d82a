"""The breaker: opens after five failures in a row, lets one probe through, closes with any answer."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from registration.identity import breaker, get_backend, ledger
from registration.identity.base import IdentityBackend, OwnershipAnswer
from registration.identity.failures import FailureKind, IdentityError
from registration.models import IdentityCheck, ProviderHealth
from tests import clock
from tests.people import national_code
from tests.registration.identity.checking import MARYAM, failure, jibit, kind_of
from tests.stand_ins.http import Fault
from tests.stand_ins.jibit import Jibit
from tests.threads import together

__all__ = ["jibit"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def backend(jibit: Jibit) -> IdentityBackend:
    backend = get_backend()
    backend.ownership(MARYAM)  # has fetched the token
    return backend


def fail(backend: IdentityBackend, jibit: Jibit, times: int = 1) -> None:
    for _ in range(times):
        jibit.faults.append(Fault.BAD_GATEWAY)
        assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.AWAY


def enter(provider: str) -> ledger.Entry:
    """What a worker does before it asks; this one dies then."""
    return ledger.enter(MARYAM.national_code, provider, "ownership")


def open_for() -> float:
    row = ProviderHealth.objects.annotate(now=Now()).get()
    assert row.open_until is not None
    return float((row.open_until - row.now).total_seconds())


def test_four_failures_do_not_open_it(backend: IdentityBackend, jibit: Jibit) -> None:
    fail(backend, jibit, 4)
    assert backend.ownership(MARYAM).ownership == "owned"
    fail(backend, jibit, 4)
    assert backend.ownership(MARYAM).ownership == "owned"


@pytest.mark.usefixtures("still_here")
def test_five_in_a_row_open_it(backend: IdentityBackend, jibit: Jibit, caplog: pytest.LogCaptureFixture) -> None:
    fail(backend, jibit, 5)
    asked = len(jibit.asked)

    error = failure(lambda: backend.ownership(MARYAM))

    assert (error.kind, str(error)) == (FailureKind.PAUSED, "paused")
    assert error.retry_after is not None
    assert 30 <= error.retry_after < 30 + breaker.JITTER_SECONDS
    assert len(jibit.asked) == asked, "not asked at all"
    assert "jibit does not answer: left alone for 30 s (failures in a row: 5)" in caplog.text


@pytest.mark.parametrize("question", ["ownership", "identity"])
def test_both_questions_share_it(backend: IdentityBackend, jibit: Jibit, question: str) -> None:
    fail(backend, jibit, 5)
    assert kind_of(lambda: getattr(backend, question)(MARYAM)) is FailureKind.PAUSED


def test_a_probe_that_is_answered_closes_it(
    backend: IdentityBackend, jibit: Jibit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    fail(backend, jibit, 5)
    clock.advance(seconds=31)

    assert backend.ownership(MARYAM).ownership == "owned"

    row = ProviderHealth.objects.get()
    assert (row.failures, row.openings, row.open_until, row.probe_until) == (0, 0, None, None)
    assert "jibit answers again" in caplog.text


@pytest.mark.usefixtures("still_here")
def test_probes_that_fail_open_it_twice_as_long_but_five_minutes_at_most(
    backend: IdentityBackend, jibit: Jibit
) -> None:
    fail(backend, jibit, 5)
    for seconds in (60, 120, 240, 300, 300):
        clock.advance(seconds=301)
        fail(backend, jibit)
        assert open_for() == seconds
        assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.PAUSED


def test_only_one_probes(backend: IdentityBackend, jibit: Jibit) -> None:
    fail(backend, jibit, 5)
    clock.advance(seconds=31)
    asked = len(jibit.asked)
    jibit.delay = 0.3

    answers = together(lambda: get_backend().ownership(MARYAM), 5)

    assert sum(isinstance(answer, OwnershipAnswer) for answer in answers) == 1
    assert [answer.kind for answer in answers if isinstance(answer, IdentityError)] == [FailureKind.PAUSED] * 4
    assert len(jibit.asked) == asked + 1


def test_a_probe_that_died_gives_way_to_the_next(backend: IdentityBackend, jibit: Jibit) -> None:
    fail(backend, jibit, 5)
    clock.advance(seconds=31)
    assert enter("jibit").probe
    assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.PAUSED
    clock.advance(seconds=breaker.PROBE_SECONDS + 1)
    assert backend.ownership(MARYAM).ownership == "owned"


def test_late_news_of_a_failure_do_not_open_it_again(backend: IdentityBackend, jibit: Jibit) -> None:
    fail(backend, jibit, 5)
    before = ProviderHealth.objects.values().get()
    for _ in range(3):
        breaker.failed("jibit", probe=False)  # asked before it opened
    assert ProviderHealth.objects.values().get() == before


@pytest.mark.parametrize(
    "refusal", [(400, "nationalCode.not_valid"), (404, "identity_info.not_found"), (400, "odd"), (429, None)]
)
def test_what_the_service_says_itself_never_opens_it(
    backend: IdentityBackend, jibit: Jibit, refusal: tuple[int, object]
) -> None:
    for _ in range(7):
        jibit.refusals.append(refusal)
        assert kind_of(lambda: backend.ownership(MARYAM)) is not FailureKind.PAUSED
    assert not ProviderHealth.objects.filter(open_until__isnull=False).exists()


def test_a_refusal_closes_it_as_any_answer_does(backend: IdentityBackend, jibit: Jibit) -> None:
    fail(backend, jibit, 5)
    clock.advance(seconds=31)
    jibit.refusals.append((400, "matching.unknown"))
    assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.UNDECIDED
    assert backend.ownership(MARYAM).ownership == "owned"


def test_providers_have_each_their_own(backend: IdentityBackend, jibit: Jibit) -> None:
    fail(backend, jibit, 5)
    assert not enter("gsb").probe


def test_an_address_for_tokens_that_is_away_opens_it_too(jibit: Jibit) -> None:
    jibit.token_status = 503
    for _ in range(5):
        assert kind_of(lambda: get_backend().ownership(MARYAM)) is FailureKind.AWAY
    assert kind_of(lambda: get_backend().ownership(MARYAM)) is FailureKind.PAUSED
    assert jibit.asked == []


def test_what_is_not_asked_because_of_the_limit_leaves_the_probe_to_others(
    backend: IdentityBackend, jibit: Jibit
) -> None:
    fail(backend, jibit, 5)
    clock.advance(seconds=31)
    for _ in range(10):
        IdentityCheck.objects.create(national_code=MARYAM.national_code, provider="jibit", operation="identity")
    assert kind_of(lambda: backend.ownership(MARYAM)) is FailureKind.CAPPED
    assert ledger.enter(national_code(322), "jibit", "ownership").probe


@pytest.mark.usefixtures("still_here")
def test_it_counts_by_the_clock_of_the_database(backend: IdentityBackend, jibit: Jibit) -> None:
    fail(backend, jibit, 5)
    ProviderHealth.objects.update(open_until=Now() + timedelta(seconds=200))
    assert 200 <= (failure(lambda: backend.ownership(MARYAM)).retry_after or 0) < 200 + breaker.JITTER_SECONDS
