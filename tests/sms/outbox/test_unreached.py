"""A result that does not arrive as a text is told once more by the panel's text, once; else a clerk has it on a list.

Whole ways over real rows, with Kavenegar's stand-in on the other side of HTTP.
"""

import pytest
from django.test import Client
from pytest_django import Settings

from registration.lifecycle import decisions, reaching, withdrawal
from registration.lifecycle.documents import Seen
from registration.models import RegistrationRequest, Status
from registration.pages.status_words import MEANINGS
from sms.models import Message
from sms.outbox import delivery, reports
from tests import clock
from tests.registration.lifecycle.deciding import clerk, leased
from tests.registration.pages import opening
from tests.registration.rows import make_request
from tests.stand_ins import kavenegar
from tests.stand_ins.kavenegar import Kavenegar as StandIn

pytestmark = pytest.mark.django_db

PANEL = "result-is-there"
REFUSED = "پیامک آن به تلفن همراه شما نرسید"


@pytest.fixture(autouse=True)
def panel(account: StandIn, settings: Settings) -> StandIn:
    settings.KAVENEGAR_RESULT_TEMPLATE = PANEL
    account.templates |= {PANEL}
    return account


def decided(number: int = 41, identity: str = "match", ownership: str = "owned") -> RegistrationRequest:
    request = leased(number, identity=identity, ownership=ownership)
    assert decisions.record(request)
    request.refresh_from_db()
    return request


def report(panel: StandIn, state: int, minutes: float = 5) -> None:
    """The newest message comes to this end, and we ask about it."""
    panel.messages[-1].state = state
    clock.advance(minutes=minutes)
    reports.poll()


def sent(panel: StandIn) -> list[tuple[str, str]]:
    """Channel and text of what left."""
    delivery.drain("texts")
    return [(message.channel, message.text) for message in panel.messages]


def is_listed(request: RegistrationRequest) -> bool:
    return RegistrationRequest.objects.get(pk=request.pk).undelivered


@pytest.mark.parametrize("state", [kavenegar.FAILED, kavenegar.UNDELIVERED, kavenegar.CANCELLED, kavenegar.BLOCKED])
def test_what_the_operator_swallowed_goes_out_once_more_past_its_list(panel: StandIn, state: int) -> None:
    request = decided()
    assert [channel for channel, _ in sent(panel)] == ["send"]
    report(panel, state)
    assert Message.objects.get().state == "undelivered"

    assert reaching.follow_up() == 1

    assert sent(panel)[1:] == [("lookup", str(request.tracking_code))]
    assert panel.received[-1].form["template"] == PANEL
    assert not is_listed(request)
    report(panel, kavenegar.DELIVERED)
    assert reaching.follow_up() == 0
    assert list(Message.objects.order_by("pk").values_list("purpose", "state")) == [
        ("result", "undelivered"),
        ("result_again", "delivered"),
    ]


def test_a_blocked_number_is_known_from_the_very_answer(panel: StandIn) -> None:
    request = decided()
    panel.blocked.add(f"0{request.mobile[3:]}")
    sent(panel)
    assert (Message.objects.get().state, Message.objects.get().last_error) == ("undelivered", "blocked")
    assert reaching.follow_up() == 1
    assert [channel for channel, _ in sent(panel)] == ["send", "lookup"]


@pytest.mark.parametrize("code", [411, 413, 422])
def test_what_the_provider_refuses_is_followed_up_too(panel: StandIn, code: int) -> None:
    decided()
    panel.codes.append(code)
    assert sent(panel) == []
    assert reaching.follow_up() == 1
    assert [channel for channel, _ in sent(panel)] == ["lookup"]


def test_what_arrived_or_may_have_is_left_alone(panel: StandIn) -> None:
    decided()
    sent(panel)
    assert reaching.follow_up() == 0
    report(panel, kavenegar.DELIVERED)
    assert reaching.follow_up() == 0
    assert len(panel.messages) == 1


def test_once_for_each_request_and_then_it_stands_on_the_list(panel: StandIn) -> None:
    request = decided()
    sent(panel)
    report(panel, kavenegar.BLOCKED)
    reaching.follow_up()
    sent(panel)
    report(panel, kavenegar.UNDELIVERED)

    assert reaching.follow_up() == 1

    assert is_listed(request)
    assert reaching.follow_up() == 0
    clock.advance(hours=30)
    assert len(sent(panel)) == 2


def test_without_another_way_it_stands_on_the_list_at_once(panel: StandIn, settings: Settings) -> None:
    settings.KAVENEGAR_RESULT_TEMPLATE = ""
    request = decided()
    sent(panel)
    report(panel, kavenegar.BLOCKED)
    assert reaching.follow_up() == 1
    assert is_listed(request)
    assert len(sent(panel)) == 1


@pytest.mark.parametrize("answer", ["refused", "unknown", "unapproved"])
def test_a_second_message_that_may_or_may_not_have_left_is_never_repeated(
    panel: StandIn, settings: Settings, answer: str
) -> None:
    """It has no key by which the provider would know it again."""
    request = decided()
    sent(panel)
    report(panel, kavenegar.BLOCKED)
    reaching.follow_up()
    if answer == "unapproved":
        panel.templates.clear()
    panel.codes.append({"refused": 411, "unknown": 502, "unapproved": 200}[answer])
    delivery.drain("texts")
    for _ in range(30):  # more than a day
        clock.advance(hours=1)
        delivery.expire()
        delivery.drain("texts")

    assert reaching.follow_up() == 1
    assert is_listed(request)
    assert len(panel.messages) == 1
    again = Message.objects.get(purpose="result_again")
    assert again.state == ("expired" if answer == "unapproved" else "failed")
    assert again.params == {}


def test_a_worker_that_died_with_it_has_perhaps_sent_it(panel: StandIn) -> None:
    request = decided()
    sent(panel)
    report(panel, kavenegar.BLOCKED)
    reaching.follow_up()
    again = delivery._claiming("texts", "kavenegar").claim(40)
    assert again is not None
    clock.advance(minutes=1)
    delivery.drain("texts")
    assert Message.objects.get(purpose="result_again").last_error == "unknown"
    reaching.follow_up()
    assert is_listed(request)
    assert len(panel.messages) == 1


def test_a_decision_at_the_desk_that_does_not_arrive_is_followed_up(panel: StandIn) -> None:
    request = decided(ownership="not_owned")
    sent(panel)
    report(panel, kavenegar.DELIVERED)
    decisions.activate(request.pk, by=clerk(), client_ip="192.0.2.7", seen=Seen(mobile="آنتن ندارد"))
    sent(panel)
    report(panel, kavenegar.BLOCKED)
    assert reaching.follow_up() == 1
    assert [channel for channel, _ in sent(panel)] == ["send", "send", "lookup"]


def test_a_result_that_a_branch_has_overtaken_is_nobodys_business_any_more(panel: StandIn) -> None:
    request = decided(ownership="not_owned")
    sent(panel)
    decisions.activate(request.pk, by=clerk(), client_ip="192.0.2.7", seen=Seen(mobile="آنتن ندارد"))
    report(panel, kavenegar.BLOCKED)
    assert Message.objects.filter(state="undelivered").get().purpose == "result"
    assert reaching.follow_up() == 1
    assert not Message.objects.filter(purpose="result_again").exists()
    assert not is_listed(request)


def test_who_has_withdrawn_is_not_told_once_more(panel: StandIn) -> None:
    request = make_request(41, Status.SUBMITTED)
    withdrawal.withdraw(request.pk, client_ip="192.0.2.7")
    sent(panel)
    report(panel, kavenegar.BLOCKED)
    assert reaching.follow_up() == 1
    assert len(sent(panel)) == 1
    assert not is_listed(request)


def test_a_next_decision_takes_it_off_the_list(panel: StandIn, settings: Settings) -> None:
    settings.KAVENEGAR_RESULT_TEMPLATE = ""
    request = decided(ownership="not_owned")
    sent(panel)
    report(panel, kavenegar.BLOCKED)
    reaching.follow_up()
    assert is_listed(request)
    decisions.activate(request.pk, by=clerk(), client_ip="192.0.2.7", seen=Seen(mobile="آنتن ندارد"))
    assert not is_listed(request)


def test_news_of_long_ago_is_for_a_clerk(panel: StandIn) -> None:
    """A month of old failures is not sent out on the day of the new release."""
    request = decided()
    sent(panel)
    report(panel, kavenegar.BLOCKED)
    clock.advance(hours=80)
    assert reaching.follow_up() == 1
    assert is_listed(request)
    assert len(sent(panel)) == 1


def test_codes_and_notices_are_not_followed_up(panel: StandIn) -> None:
    for purpose in ("notice", "registration"):
        Message.objects.create(recipient="+989120000001", purpose=purpose, template="x", state="failed", send_at=None)
    assert reaching.follow_up() == 0


@pytest.mark.parametrize(
    ("identity", "ownership", "status"),
    [("match", "owned", "activated"), ("match", "not_owned", "branch"), ("mismatch", "owned", "mismatch")],
)
@pytest.mark.parametrize("fate", ["refused", "blocked", "waits"])
def test_the_tracking_page_tells_the_result_whatever_became_of_its_message(
    client: Client, panel: StandIn, settings: Settings, identity: str, ownership: str, status: str, fate: str
) -> None:
    settings.KAVENEGAR_RESULT_TEMPLATE = ""
    request = decided(identity=identity, ownership=ownership)
    panel.codes.extend({"refused": [411], "blocked": [], "waits": [418]}[fate])
    sent(panel)
    if fate == "blocked":
        report(panel, kavenegar.BLOCKED)
    reaching.follow_up()

    page = opening.text(client.post(opening.TRACK, opening.pair(request)))

    assert str(MEANINGS[status][0]) in page
    assert str(MEANINGS[status][1]) in page
    assert (REFUSED in page) == (fate != "waits")
