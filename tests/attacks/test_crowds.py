"""Many people behind one address, and one attacker behind many."""

from collections.abc import Callable, Iterable
from io import StringIO

import pytest
from django.test import Client
from pytest_django import Settings

from infra.limits import LimitReached, client_ip_key, wide_network
from sms.limits import unconfirmed
from sms.models import Message
from sms.otp import challenge as otp
from tests import clock
from tests.accounts.helpers import make_account, sign_in
from tests.accounts.recovery.recovering import begin as begin_recovery
from tests.accounts.recovery.recovering import make_protected
from tests.people import national_code
from tests.registration.wizard.walking import Citizen, activate, contact
from tests.sms.otp.challenges import begin, others, right_code
from tests.threads import together

pytestmark = pytest.mark.django_db
NewClient = Callable[[], Client]
OTHER_NETWORKS = [f"10.{number // 256}.{number % 256}.7" for number in range(400)]


def sent_from(addresses: Iterable[str], each: int, *, purpose: str = "registration") -> None:
    """`each` codes from every address, to as many mobiles, which nobody confirms."""
    Message.objects.bulk_create(
        Message(
            recipient=f"+98913{1000 * row + number:07}",
            purpose=purpose,
            template="code",
            state="expired",
            send_at=None,
            national_code=national_code(number % 1000, office=100 + row % 800),
            client_ip=client_ip_key(address),
            client_network=wide_network(address),
            unconfirmed=True,
        )
        for row, address in enumerate(addresses)
        for number in range(each)
    )


def go_out(wanted: Iterable[dict[str, str]]) -> int:
    out = 0
    for one in wanted:
        try:
            out += bool(begin(**one).nonce)
        except LimitReached:
            continue
    return out


def test_a_hundred_and_twenty_honest_citizens_behind_one_address_all_pass(settings: Settings) -> None:
    """In five minutes, fifty of them at a time between the text and the code."""
    crowd = [(Client(REMOTE_ADDR="203.0.113.5"), Citizen(100 + number)) for number in range(120)]
    for number, (browser, person) in enumerate(crowd):
        assert contact(browser, person).status_code == 302, number
        if number >= 50:
            assert activate(*crowd[number - 50]).status_code == 302
    assert not Message.objects.exclude(state="accepted").exclude(state="queued").exists()


def test_an_address_gets_sixty_that_nobody_confirms() -> None:
    sent = go_out(others(number) | {"client_ip": "203.0.113.5"} for number in range(65))
    assert sent == 60
    with pytest.raises(LimitReached) as refused:
        begin(**others(70) | {"client_ip": "203.0.113.5"})
    assert (refused.value.rule, refused.value.retry_after) == ("unconfirmed-per-ip", 300)
    assert begin(**others(71) | {"client_ip": "203.0.113.6"}).pk


def test_a_confirmed_code_gives_its_places_back() -> None:
    sent_from(["203.0.113.5"], 58)
    mine = begin(**others(1) | {"client_ip": "203.0.113.5"})
    clock.advance(minutes=2)
    otp.resend(mine, "203.0.113.5")
    with pytest.raises(LimitReached):
        begin(**others(2) | {"client_ip": "203.0.113.5"})

    otp.confirm(mine, right_code(mine))

    assert go_out(others(number) | {"client_ip": "203.0.113.5"} for number in range(3, 8)) == 2


def test_two_hundred_an_hour_for_an_address() -> None:
    for _ in range(4):
        sent_from(["203.0.113.5"], 50)
        clock.advance(minutes=6)
    with pytest.raises(LimitReached) as refused:
        begin(**others(1) | {"client_ip": "203.0.113.5"})
    assert refused.value.retry_after == 3600 - 24 * 60


def test_forty_networks_of_one_48_get_what_one_wider_network_may() -> None:
    networks = [f"2001:db8:7:{number:x}::1" for number in range(40)]
    sent_from(networks[:37], 8)  # 296
    wanted = ({**others(900 + number), "client_ip": networks[number % 40]} for number in range(24))
    assert go_out(wanted) == 4
    assert begin(**others(950) | {"client_ip": "2001:db8:8::1"}).pk


def test_a_24_is_one_wider_network() -> None:
    sent_from([f"203.0.113.{number}" for number in range(30)], 10)
    with pytest.raises(LimitReached) as refused:
        begin(**others(1) | {"client_ip": "203.0.113.200"})
    assert refused.value.rule == "unconfirmed-per-network"
    assert begin(**others(2) | {"client_ip": "203.0.114.1"}).pk


def test_a_thousand_an_hour_for_a_wider_network() -> None:
    for _ in range(4):
        sent_from([f"203.0.113.{number}" for number in range(25)], 10)
        clock.advance(minutes=6)
    with pytest.raises(LimitReached) as refused:
        begin(**others(1) | {"client_ip": "203.0.113.200"})
    assert refused.value.rule == "unconfirmed-per-network"


# ── the whole portal ──


def pump(count: int, first: int = 0) -> Iterable[dict[str, str]]:
    """Fresh numbers from fresh networks, no two alike."""
    for number in range(first, first + count):
        yield {**others(number), "client_ip": f"100.{number // 256}.{number % 256}.9"}


def test_a_pump_of_two_thousand_numbers_costs_no_more_than_the_budget(settings: Settings) -> None:
    sent_from(OTHER_NETWORKS[:190], 10)  # nineteen hundred of them
    assert go_out(pump(150)) == 100
    assert Message.objects.exclude(state="cancelled").count() == 2000


@pytest.mark.django_db(transaction=True)
def test_a_pump_of_many_at_once_gets_no_more_than_the_budget(settings: Settings) -> None:
    settings.LIMIT_UNCONFIRMED = [(7, 300)]
    wanted = iter(list(pump(30)))
    answers = together(lambda: begin(**next(wanted)), 30)
    assert sum(not isinstance(answer, LimitReached) for answer in answers) == 7
    assert {answer.rule for answer in answers if isinstance(answer, LimitReached)} == {"unconfirmed"}


def test_above_the_budget_the_page_says_when_to_come_back(client: Client) -> None:
    sent_from(OTHER_NETWORKS[:200], 10)
    clock.advance(seconds=60)
    answer = contact(client, Citizen(1))
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "240")
    assert "سامانه در این لحظه بسیار شلوغ است" in page
    assert "۴ دقیقه" in page
    assert Citizen(1).national_code in page


def test_above_the_budget_accounts_go_on(new_client: NewClient) -> None:
    user = make_protected(2)
    sent_from(OTHER_NETWORKS[:200], 10)

    assert sign_in(new_client(), make_account(3)).headers["Location"] == "/accounts/profile/"
    assert sign_in(new_client(), user, known=False).headers["Location"] == "/accounts/login/code/"
    clock.advance(minutes=3)
    assert begin_recovery(new_client(), user.national_code).status_code == 302
    assert begin_recovery(new_client(), national_code(998)).status_code == 302


def test_what_only_pretends_costs_nothing_of_the_budget(settings: Settings, new_client: NewClient) -> None:
    settings.LIMIT_UNCONFIRMED = [(3, 300)]
    for number in range(5):
        begin_recovery(new_client(), national_code(900 + number))
    assert go_out(pump(5)) == 3


def test_strangers_of_an_address_leave_its_right_passwords_alone(client: Client) -> None:
    sent_from(["203.0.113.5"], 60)
    assert contact(Client(REMOTE_ADDR="203.0.113.5"), Citizen(1)).status_code == 429
    assert sign_in(client, make_account(4), known=False, address="203.0.113.5").status_code == 302


def test_half_of_the_budget_is_an_alarm_once_a_minute(
    settings: Settings, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unconfirmed, "_warned_at", -60.0)
    settings.LIMIT_UNCONFIRMED = [(10, 300)]
    go_out(pump(5))
    assert "nobody has confirmed" not in log.getvalue()
    go_out(pump(4, 5))
    assert log.getvalue().count("codes that nobody has confirmed: 5 in 300 s, of 10") == 1
    assert log.getvalue().count("nobody has confirmed") == 1


def test_whoever_asks_which_national_codes_are_taken_is_stopped_for_all_of_them(new_client: NewClient) -> None:
    for number in range(60):
        make_account(number)
    for number in range(60):
        assert contact(Client(REMOTE_ADDR="203.0.113.5"), Citizen(number)).status_code == 200
    for number in (1, 61):
        assert contact(Client(REMOTE_ADDR="203.0.113.5"), Citizen(number)).status_code == 429
    assert contact(new_client(), Citizen(61)).status_code == 302
