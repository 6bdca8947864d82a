"""A code that does not arrive as a text is read out by telephone, once enough texts were sent in vain."""

import pytest
from django.test import Client

from sms.backends import memory
from sms.models import Message
from tests.accounts.helpers import told_to_wait
from tests.clock import advance
from tests.registration.wizard.walking import (
    RESEND,
    WIZARD,
    Citizen,
    activate,
    assert_leads_to,
    open_step,
    text,
    texts,
    to_activation,
)

pytestmark = pytest.mark.django_db

NARGES = Citizen(431)
CALL = "/portal/registration/call/"
OFFER = "تماس تلفنی و خواندن کد"


def resend_twice(client: Client) -> None:
    for minutes in (3, 3):
        advance(minutes=minutes)
        assert OFFER not in text(client.get(WIZARD))
        assert_leads_to(client.post(RESEND), WIZARD)
        texts(NARGES)


def test_the_call_is_offered_after_the_second_repetition_and_reads_a_code_that_works(client: Client) -> None:
    to_activation(client, NARGES)
    texts(NARGES)
    resend_twice(client)
    assert OFFER in text(client.get(WIZARD))
    advance(minutes=12)
    assert_leads_to(client.post(CALL), WIZARD)
    texts(NARGES)
    assert [sms.voice for sms in memory.outbox] == [False, False, False, True]
    activate(client, NARGES)
    assert open_step(client) == "identity"


def test_nobody_is_called_at_once_whatever_the_browser_asks_for(client: Client) -> None:
    to_activation(client, NARGES)
    advance(minutes=3)
    client.post(CALL)
    assert not Message.objects.filter(by_voice=True).exists()


def test_a_call_counts_as_a_send(client: Client) -> None:
    to_activation(client, NARGES)
    resend_twice(client)
    assert told_to_wait(client.post(CALL, follow=True))
    assert client.get(CALL).status_code == 405
