import pytest
from django.utils import translation
from pytest_django import Settings

from sms.backends.base import Outgoing
from sms.models import Message
from sms.outbox import delivery
from tests.sms.failing import PARAMS, queue_result, the_message
from tests.sms.otp.challenges import MOBILE, begin, right_code

pytestmark = pytest.mark.django_db


def test_code_is_sent_with_its_text_and_taken_over(sms_outbox: list[Outgoing], settings: Settings) -> None:
    settings.PORTAL_HOST = "portal.example"
    challenge = begin()
    code = right_code(challenge)

    assert delivery.drain("codes") == 1

    [sent] = sms_outbox
    assert (sent.recipient, sent.code, sent.idempotency_key) == (MOBILE, code, the_message().idempotency_key)
    assert sent.text.splitlines()[-1] == f"@portal.example #{code}"
    assert sent.text.count(code) == 2
    row = the_message()
    assert (row.state, row.provider, row.attempts, row.lease_token, row.lease_until) == (
        "accepted",
        "memory",
        1,
        None,
        None,
    )
    assert row.accepted_at is not None
    assert row.accepted_at >= row.created_at


def test_result_is_sent_as_text_without_a_code(sms_outbox: list[Outgoing]) -> None:
    queue_result()

    assert delivery.drain("texts") == 1

    [sent] = sms_outbox
    assert sent.code is None
    assert "محمدی" in sent.text
    assert "@" not in sent.text


def test_texts_are_plain_not_html(sms_outbox: list[Outgoing]) -> None:
    queue_result()
    Message.objects.update(params=PARAMS | {"last_name": "<&'\">"})
    delivery.drain("texts")

    assert "<&'\">" in sms_outbox[0].text


def test_text_of_a_code_is_plain_too(sms_outbox: list[Outgoing], settings: Settings) -> None:
    settings.PORTAL_HOST = "portal.example/?a&b"
    begin()
    delivery.drain("codes")

    assert "@portal.example/?a&b #" in sms_outbox[0].text


def test_texts_keep_the_portals_language_whoever_sends(sms_outbox: list[Outgoing], settings: Settings) -> None:
    queue_result()
    with translation.override("en"):
        in_english = delivery.text_of(the_message())
    assert in_english == delivery.text_of(the_message())


def test_nothing_is_sent_twice(sms_outbox: list[Outgoing]) -> None:
    begin()
    queue_result()
    pks = list(Message.objects.values_list("pk", flat=True))
    for queue in ("codes", "texts", "codes", "texts"):
        delivery.drain(queue)
        for pk in pks:
            delivery.deliver(queue, pk)

    assert len(sms_outbox) == 2


def test_each_queue_carries_its_own(sms_outbox: list[Outgoing]) -> None:
    begin()
    result = queue_result()
    code = Message.objects.exclude(pk=result.pk).get()

    delivery.deliver("codes", result.pk)
    delivery.deliver("texts", code.pk)
    assert sms_outbox == []
    delivery.deliver("texts", result.pk)
    assert [sent.code for sent in sms_outbox] == [None]
    delivery.deliver("codes", code.pk)
    assert len(sms_outbox) == 2
