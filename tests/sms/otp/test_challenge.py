from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings
from time_machine import TimeMachineFixture

from sms.models import Message, OtpChallenge
from sms.otp import challenge as otp
from sms.otp.challenge import CodeOutcome
from tests import clock
from tests.sms.otp.challenges import (
    CLIENT_IP,
    MOBILE,
    NATIONAL_CODE,
    begin,
    others,
    refused,
    right_code,
    wrong_code,
)
from tests.threads import together

pytestmark = pytest.mark.django_db


def attempts(challenge: OtpChallenge) -> int:
    return OtpChallenge.objects.get(pk=challenge.pk).attempts


def sends() -> list[Message]:
    return list(Message.objects.order_by("pk"))


def test_start_makes_a_challenge_and_queues_its_code_with_it() -> None:
    challenge = begin()

    row = OtpChallenge.objects.annotate(now=Now()).get()
    assert (row.purpose, row.mobile, row.national_code, row.attempts) == ("registration", MOBILE, NATIONAL_CODE, 0)
    assert (row.confirmed_at, row.consumed_at) == (None, None)
    assert challenge.expires_at == row.expires_at
    assert row.expires_at - row.now == timedelta(minutes=10)
    [message] = sends()
    assert (message.recipient, message.purpose, message.template) == (MOBILE, "registration", "code")
    assert (message.national_code, message.client_ip, message.expires_at) == (NATIONAL_CODE, CLIENT_IP, row.expires_at)
    assert bytes(message.code_nonce or b"") == bytes(row.nonce)
    assert message.params == {}


@pytest.mark.parametrize("purpose", otp.TEMPLATES)
def test_a_code_that_leads_nowhere_has_the_text_of_its_purpose(purpose: str) -> None:
    begin(purpose=purpose)
    otp.pretend(purpose=purpose, national_code=others(2)["national_code"], client_ip=CLIENT_IP)

    real, pretended = (message.template for message in sends())
    assert real == pretended


def test_who_has_no_mobile_here_leaves_the_same_rows_and_a_mobile_that_nobody_has() -> None:
    challenge = otp.pretend(purpose="recovery", national_code=NATIONAL_CODE, client_ip=CLIENT_IP)

    row, [message] = OtpChallenge.objects.annotate(now=Now()).get(), sends()
    assert (row.purpose, row.national_code, bytes(row.nonce)) == ("recovery", NATIONAL_CODE, b"")
    assert row.expires_at - row.now == timedelta(minutes=10)
    assert (message.purpose, message.national_code, message.client_ip) == ("recovery", NATIONAL_CODE, CLIENT_IP)
    assert (message.recipient, message.expires_at, message.state) == (row.mobile, row.expires_at, "cancelled")
    assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.WRONG


def test_nobodys_mobile_is_the_same_for_a_national_code_at_any_time(settings: Settings) -> None:
    """Another one would begin its limits anew. Worked out with `openssl dgst`, as 64 bits of the digest mod 10^8."""
    settings.SECRET_KEY = "k" * 50
    assert otp.nobodys_mobile(NATIONAL_CODE) == "+989685002793"


LIMITS = {
    "LIMIT_SENDS_PER_MOBILE": "sends-per-mobile",
    "LIMIT_UNCONFIRMED_PER_IP": "unconfirmed-per-ip",
    "LIMIT_UNCONFIRMED_PER_NETWORK": "unconfirmed-per-network",
}


@pytest.mark.parametrize("setting", LIMITS)
@pytest.mark.parametrize("pretended", [False, True])
@pytest.mark.parametrize("again", ["begin", "resend", "call"])
def test_every_way_to_a_code_counts_for_mobile_client_ip_and_network(
    setting: str, pretended: bool, again: str, settings: Settings
) -> None:
    for name in LIMITS:
        setattr(settings, name, [(1 if name == setting else 100, 3600)])

    def begin_one() -> OtpChallenge:
        if pretended:
            return otp.pretend(purpose="recovery", national_code=NATIONAL_CODE, client_ip=CLIENT_IP)
        return begin(purpose="recovery")

    challenge = begin_one()
    clock.advance(minutes=3)
    actions: dict[str, Callable[[], OtpChallenge]] = {
        "begin": begin_one,
        "resend": lambda: otp.resend(challenge, CLIENT_IP),
        "call": lambda: otp.call(challenge, CLIENT_IP),
    }
    assert refused(actions[again]).rule == LIMITS[setting]


def test_every_challenge_has_a_nonce_of_its_own() -> None:
    first = begin()
    clock.advance(minutes=3)

    assert bytes(begin().nonce) != bytes(first.nonce)


def test_nothing_is_left_of_a_start_that_is_rolled_back() -> None:
    with transaction.atomic():
        begin()
        transaction.set_rollback(True)

    assert not OtpChallenge.objects.exists()
    assert not Message.objects.exists()


# ── confirm ──


def test_right_code_confirms_and_spends_an_attempt() -> None:
    challenge = begin()

    assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.CONFIRMED
    row = OtpChallenge.objects.get()
    assert row.confirmed_at is not None
    assert (row.attempts, row.consumed_at) == (1, None)


def test_confirming_again_is_harmless_and_free_also_when_the_code_is_over() -> None:
    challenge = begin()
    otp.confirm(challenge, right_code(challenge))
    since = OtpChallenge.objects.get().confirmed_at

    for _ in range(10):
        assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.CONFIRMED
    assert otp.confirm(challenge, wrong_code(challenge)) is CodeOutcome.WRONG
    assert (attempts(challenge), OtpChallenge.objects.get().confirmed_at) == (1, since)
    clock.advance(hours=1)
    assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.CONFIRMED


def test_five_wrong_codes_kill_it_for_the_right_one_too() -> None:
    challenge = begin()

    for step in range(1, 6):
        assert otp.confirm(challenge, wrong_code(challenge, step)) is CodeOutcome.WRONG
        assert attempts(challenge) == step
    assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.DEAD
    assert otp.confirm(challenge, wrong_code(challenge, 6)) is CodeOutcome.DEAD
    assert attempts(challenge) == 5
    assert OtpChallenge.objects.get().confirmed_at is None


def test_fifth_try_may_still_be_the_right_one() -> None:
    challenge = begin()
    for step in range(1, 5):
        otp.confirm(challenge, wrong_code(challenge, step))

    assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.CONFIRMED


def test_code_lives_ten_minutes() -> None:
    challenge = begin()
    clock.advance(minutes=9, seconds=50)
    assert otp.confirm(challenge, wrong_code(challenge)) is CodeOutcome.WRONG

    clock.advance(seconds=11)
    assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.DEAD
    assert attempts(challenge) == 1


def test_code_is_good_for_its_own_challenge_only() -> None:
    first = begin()
    recovery = begin(mobile="+989120000002", purpose="recovery")

    assert right_code(first) != right_code(recovery)
    assert otp.confirm(recovery, right_code(first)) is CodeOutcome.WRONG
    assert otp.confirm(first, right_code(recovery)) is CodeOutcome.WRONG


@pytest.mark.django_db(transaction=True)
def test_confirm_inside_a_transaction_is_refused() -> None:
    """Rolled back, it would give the attempt back."""
    challenge = begin()

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        otp.confirm(challenge, wrong_code(challenge))


@pytest.mark.django_db(transaction=True)
def test_sixty_guesses_at_once_get_five_tries_together() -> None:
    challenge = begin()
    steps = iter(range(1, 61))  # CPython's iterators hand each number to one thread

    answers = together(lambda: otp.confirm(challenge, wrong_code(challenge, next(steps))), 60)

    assert answers.count(CodeOutcome.WRONG) == 5
    assert answers.count(CodeOutcome.DEAD) == 55
    assert otp.confirm(challenge, right_code(challenge)) is CodeOutcome.DEAD
    assert attempts(challenge) == 5


@pytest.mark.django_db(transaction=True)
def test_double_click_on_the_right_code_confirms_for_both() -> None:
    challenge = begin()

    assert together(lambda: otp.confirm(challenge, right_code(challenge)), 10) == [CodeOutcome.CONFIRMED] * 10
    assert attempts(challenge) == 1


# ── is_dead ──


@pytest.mark.parametrize(
    ("attempts", "seconds", "dead"), [(0, 1, False), (4, 1, False), (5, 1, True), (0, 0, True), (0, -1, True)]
)
def test_a_challenge_is_dead_without_a_try_or_from_the_moment_at_which_it_expires(
    time_machine: TimeMachineFixture, attempts: int, seconds: int, dead: bool
) -> None:
    time_machine.move_to(moment := timezone.now(), tick=False)
    challenge = OtpChallenge(attempts=attempts, expires_at=moment + timedelta(seconds=seconds))

    assert otp.is_dead(challenge) is dead
    challenge.confirmed_at = moment
    assert not otp.is_dead(challenge), "who has confirmed it needs no other one"


# ── consume ──


def test_challenge_is_used_up_once() -> None:
    challenge = begin()
    assert not otp.consume(challenge.pk)
    otp.confirm(challenge, right_code(challenge))

    assert otp.consume(challenge.pk)
    assert not otp.consume(challenge.pk)
    assert OtpChallenge.objects.get().consumed_at is not None
    assert not otp.consume(challenge.pk + 1)


def test_using_one_up_leaves_the_others() -> None:
    mine, theirs = begin(), begin(**others(2))
    for challenge in (mine, theirs):
        otp.confirm(challenge, right_code(challenge))

    assert otp.consume(theirs.pk)
    assert otp.consume(mine.pk)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_use_it_at_once_one_succeeds() -> None:
    challenge = begin()
    otp.confirm(challenge, right_code(challenge))

    assert sorted(map(str, together(lambda: otp.consume(challenge.pk), 20))) == ["False"] * 19 + ["True"]


@pytest.mark.django_db(transaction=True)
def test_challenge_of_a_transaction_that_failed_can_be_used_again() -> None:
    challenge = begin()
    otp.confirm(challenge, right_code(challenge))
    with transaction.atomic():
        assert otp.consume(challenge.pk)
        transaction.set_rollback(True)

    assert otp.consume(challenge.pk)
