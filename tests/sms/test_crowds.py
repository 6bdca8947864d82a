"""Limits under parallel requests: threads against the real database."""

import pytest
from django.db import transaction
from pytest_django import Settings
from redis import Redis

from sms import limits
from sms.limits import LimitReached
from sms.models import Message, Verification
from tests.sms.proofs import MOBILE, SOURCE, begin, others, refused
from tests.threads import together


@pytest.mark.django_db(transaction=True)
def test_sixty_who_ask_at_once_for_one_mobile_send_one_message() -> None:
    numbers = iter(range(60))

    def ask() -> str:
        try:
            begin(**others(next(numbers)) | {"mobile": MOBILE})
        except LimitReached as limit:
            return limit.rule
        return "sent"

    answers = together(ask, 60)

    assert sorted(map(str, answers)) == ["sends-per-mobile"] * 59 + ["sent"]
    assert Message.objects.count() == Verification.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_crowd_of_one_address_gets_what_the_address_may_have(settings: Settings) -> None:
    settings.LIMIT_SENDS_PER_IP = [(7, 300)]
    numbers = iter(range(30))

    answers = together(lambda: begin(**others(next(numbers)) | {"source": SOURCE}), 30)

    assert sum(isinstance(answer, Verification) for answer in answers) == 7
    assert {answer.rule for answer in answers if isinstance(answer, LimitReached)} == {"sends-per-ip"}
    assert Message.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_locks_named_in_any_order_do_not_deadlock() -> None:
    orders = iter([("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")] * 10)

    def take() -> bool:
        with transaction.atomic():
            limits.lock(*next(orders))
        return True

    assert together(take, 30) == [True] * 30


@pytest.mark.django_db
def test_flushed_redis_forgets_nothing(clean_redis: Redis) -> None:
    begin()
    clean_redis.flushall()

    assert refused().rule == "sends-per-mobile"
