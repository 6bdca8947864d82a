"""Limits under parallel requests: threads against the real database, through the verbs and through HTTP."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import Settings
from redis import Redis

from infra import locks
from infra.limits import LimitReached
from sms.models import Message, OtpChallenge
from sms.outbox import delivery
from tests import clock
from tests.people import national_code
from tests.registration.wizard.walking import CONTACT, fields
from tests.sms.otp.challenges import CLIENT_IP, MOBILE, begin, others, refused
from tests.stand_ins.kavenegar import Kavenegar as StandIn
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

    assert Counter(map(str, answers)) == {"sent": 1, "sends-per-mobile": 59}
    assert Message.objects.count() == OtpChallenge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_crowd_of_one_address_gets_what_the_address_may_have(settings: Settings) -> None:
    settings.LIMIT_UNCONFIRMED_PER_IP = [(7, 300)]
    numbers = iter(range(30))

    answers = together(lambda: begin(**others(next(numbers)) | {"client_ip": CLIENT_IP}), 30)

    assert sum(isinstance(answer, OtpChallenge) for answer in answers) == 7
    assert {answer.rule for answer in answers if isinstance(answer, LimitReached)} == {"unconfirmed-per-ip"}
    assert Message.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_locks_named_in_any_order_do_not_deadlock() -> None:
    orders = iter([("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")] * 10)

    def take() -> bool:
        with transaction.atomic():
            locks.lock(*next(orders))
        return True

    assert together(take, 30) == [True] * 30


@pytest.mark.django_db
def test_flushed_redis_forgets_nothing(clean_redis: Redis) -> None:
    begin()
    clean_redis.flushdb()

    assert refused().rule == "sends-per-mobile"


def first_step(client: Client, number: int) -> int:
    """Somebody with a national code of his own asks for a code on the one mobile; the answer's status."""
    typed = {"national_code": national_code(number), "operator": "mci", "mobile": f"0{MOBILE[3:]}"}
    return client.post("/portal/registration/", fields(CONTACT, typed)).status_code


@pytest.mark.django_db(transaction=True)
def test_sixty_posts_of_the_first_step_at_once_for_one_mobile_send_one_message(
    new_client: Callable[[], Client], account: StandIn
) -> None:
    crowd = iter([(new_client(), number) for number in range(60)])

    answers = together(lambda: first_step(*next(crowd)), 60)
    while delivery.drain("codes"):
        pass

    assert Counter(map(str, answers)) == {"302": 1, "429": 59}
    assert [message.receptor for message in account.messages] == [f"0{MOBILE[3:]}"]


@pytest.mark.django_db(transaction=True)
def test_ninth_message_of_the_day_is_refused_although_redis_is_flushed_after_each(
    new_client: Callable[[], Client], account: StandIn, clean_redis: Redis
) -> None:
    answers = []
    for _ in range(10):
        answers.append(first_step(new_client(), 1))
        clean_redis.flushdb()
        delivery.drain("codes")
        clock.advance(minutes=20)

    assert answers == [302] * 8 + [429] * 2
    assert len(account.messages) == 8
