"""A request of the tracking page is opened by a code to its mobile, in one browser for minutes, and withdrawn there."""

import re

import pytest
from django.test import Client

from registration.lifecycle import decisions, withdrawal
from registration.models import RegistrationRequest, Status
from registration.pages.status_words import MEANINGS
from sms.backends import memory
from sms.models import OtpChallenge
from tests.accounts.helpers import told_to_wait
from tests.clock import advance
from tests.registration.lifecycle.deciding import leased
from tests.registration.pages import opening
from tests.registration.pages.opening import CALL, CODE, LOOK, PAGE, RESEND, SEND, STAY, TRACK, WITHDRAW, text
from tests.registration.rows import make_request
from tests.registration.wizard.walking import persian

pytestmark = pytest.mark.django_db

OVER = persian("Your time has run out. Please begin again.")


def status_of(request: RegistrationRequest) -> str:
    return RegistrationRequest.objects.get(pk=request.pk).status


def test_nothing_is_withdrawn_before_somebody_has_asked_and_confirmed(client: Client) -> None:
    request = make_request(51, Status.SUBMITTED)
    opening.opens(client, request)
    assert persian("Withdraw the request") in text(client.get(PAGE))
    assert persian("Keep the request") in text(client.get(WITHDRAW))
    assert status_of(request) == Status.SUBMITTED

    answer = client.post(WITHDRAW, follow=True)

    assert status_of(request) == Status.WITHDRAWN
    assert request.events.get().client_network == "198.18.0.0"
    assert str(MEANINGS[Status.WITHDRAWN][0]) in text(answer)
    assert persian("Register again") in text(answer)
    assert client.get(WITHDRAW).headers["Location"] == PAGE
    assert client.post(WITHDRAW).headers["Location"] == PAGE
    assert request.events.count() == 1


@pytest.mark.parametrize("status", sorted(MEANINGS))
def test_the_code_is_offered_where_it_opens_something(client: Client, status: str) -> None:
    request = make_request(51, status)
    page = text(client.post(TRACK, opening.pair(request)))
    assert (SEND in page) == (status in withdrawal.SOURCES)
    answer = opening.send(client, request)
    assert answer.status_code == (302 if status in withdrawal.SOURCES else 200)
    assert OtpChallenge.objects.filter(purpose="request").exists() == (status in withdrawal.SOURCES)


def test_without_the_right_pair_no_code_is_sent(client: Client) -> None:
    request, other = make_request(51, Status.SUBMITTED), make_request(52, Status.SUBMITTED)
    wrong = {**opening.pair(request), "tracking_code": str(other.tracking_code)}
    assert persian("No request was found with this national code and tracking code") in text(client.post(SEND, wrong))
    assert not OtpChallenge.objects.filter(purpose="request").exists()
    assert client.get(SEND).status_code == 405


@pytest.mark.parametrize("page", [CODE, PAGE, WITHDRAW])
def test_who_has_opened_nothing_begins_at_the_beginning(client: Client, page: str) -> None:
    assert client.get(page).headers["Location"] == TRACK
    answer = client.post(page, {"code": "123456"})
    assert answer.status_code == 405 if page == PAGE else answer.headers["Location"] == TRACK


def test_jumping_ahead_leads_back_to_the_code(client: Client) -> None:
    request = make_request(51, Status.SUBMITTED)
    opening.send(client, request)
    for page in (PAGE, WITHDRAW):
        assert client.get(page).headers["Location"] == CODE
    for page in (WITHDRAW, LOOK):
        assert client.post(page).headers["Location"] == CODE
    assert status_of(request) == Status.SUBMITTED
    opening.give_code(client, request)
    assert client.get(CODE).headers["Location"] == PAGE
    assert client.post(RESEND).headers["Location"] == PAGE


def test_a_wrong_code_opens_nothing(client: Client) -> None:
    request = make_request(51, Status.SUBMITTED)
    opening.send(client, request)
    wrong = f"{(int(opening.code_of(request)) + 1) % 10**6:06}"
    assert "کد وارد شده معتبر نمی‌باشد" in text(client.post(CODE, {"code": wrong}))
    assert client.get(PAGE).headers["Location"] == CODE


def test_it_stays_open_for_ten_minutes_and_then_says_so(client: Client) -> None:
    request = make_request(51, Status.SUBMITTED)
    opening.opens(client, request)
    advance(minutes=9)
    assert client.get(PAGE).status_code == 200
    assert opening.send(client, request).headers["Location"] == CODE  # it leads on to what is open, and sends nothing
    assert client.get(CODE).headers["Location"] == PAGE
    assert len(memory.outbox) == 1
    advance(minutes=1, seconds=1)
    assert OVER in text(client.post(WITHDRAW, follow=True))
    assert status_of(request) == Status.SUBMITTED
    assert client.post(CODE, {"code": opening.code_of(request)}).headers["Location"] == TRACK
    opening.opens(client, request)


def test_another_browser_with_the_same_codes_is_outside(client: Client) -> None:
    request = make_request(51, Status.SUBMITTED)
    opening.opens(client, request)
    stranger = Client()
    assert stranger.get(PAGE).headers["Location"] == TRACK
    opening.send(stranger, request)
    assert stranger.post(WITHDRAW).headers["Location"] == CODE


def test_the_session_has_a_new_key_after_the_code(client: Client) -> None:
    request = make_request(51, Status.SUBMITTED)
    opening.send(client, request)
    before = client.session.session_key
    opening.give_code(client, request)
    assert client.session.session_key != before


def test_another_request_is_not_opened_with_it(client: Client) -> None:
    """The same phone, two members of a family: each request has its own code."""
    first = make_request(51, Status.SUBMITTED)
    second = make_request(52, Status.SUBMITTED, mobile=first.mobile)
    opening.opens(client, first)
    advance(minutes=3)
    assert opening.send(client, second).headers["Location"] == CODE
    assert client.get(PAGE).headers["Location"] == CODE
    opening.give_code(client, second)
    client.post(WITHDRAW)
    assert (status_of(first), status_of(second)) == (Status.SUBMITTED, Status.WITHDRAWN)


def test_what_was_decided_meanwhile_is_told_and_stays(client: Client) -> None:
    held = leased(41, identity="match", ownership="owned")
    opening.opens(client, held)
    assert client.get(WITHDRAW).status_code == 200
    assert decisions.record(held)
    page = text(client.post(WITHDRAW, follow=True))
    assert str(MEANINGS[Status.ACTIVATED][0]) in page
    assert status_of(held) == Status.ACTIVATED


def test_the_code_is_sent_again_and_read_out_after_the_third(client: Client) -> None:
    request = make_request(51, Status.SUBMITTED)
    opening.send(client, request)
    assert told_to_wait(client.post(RESEND, follow=True))
    for _ in range(2):
        assert CALL not in text(client.get(CODE))
        opening.code_of(request)
        advance(minutes=3)
        assert persian("The code was sent again") in text(client.post(RESEND, follow=True))
    opening.code_of(request)
    advance(minutes=12)
    assert CALL in text(client.get(CODE))
    client.post(CALL)
    assert opening.give_code(client, request).headers["Location"] == PAGE
    assert [sms.voice for sms in memory.outbox] == [False, False, False, True]


def test_too_many_codes_keep_the_citizen_on_the_page_of_the_state(client: Client) -> None:
    request = make_request(51, Status.SUBMITTED)
    for _ in range(3):
        browser = Client()
        assert opening.send(browser, request).status_code == 302
        advance(minutes=3)
    answer = opening.send(client, request)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert str(MEANINGS[Status.SUBMITTED][0]) in text(answer)
    assert told_to_wait(answer)


def test_what_is_spent_here_takes_nothing_from_registrations_and_signing_in(client: Client) -> None:
    """A class of its own (docs/contract.md, limits)."""
    request = make_request(51, Status.SUBMITTED)
    for _ in range(3):
        opening.send(Client(), request)
        advance(minutes=3)
    assert opening.send(client, request).status_code == 429
    withdrawal.withdraw(request.pk, client_ip="192.0.2.7")
    contact = {"national_code": request.national_code, "operator": "mci", "mobile": f"0{request.mobile[3:]}"}
    typed = {f"contact-{name}": value for name, value in contact.items()}
    answer = client.post("/portal/registration/", {"registration-current_step": "contact", **typed})
    assert answer.status_code == 302


@pytest.mark.parametrize(("is_open", "minutes"), [(False, 30), (True, 10)])
def test_its_pages_warn_before_they_end_and_who_stays_puts_that_off(
    client: Client, is_open: bool, minutes: int
) -> None:
    request = make_request(51, Status.SUBMITTED)
    opening.send(client, request)
    if is_open:
        opening.give_code(client, request)
    pages = (PAGE, WITHDRAW) if is_open else (CODE,)
    for page in pages:
        [left] = re.findall('data-session="([0-9]+)"', text(client.get(page)))
        assert 0 <= minutes * 60 - int(left) < 60  # a busy machine
        assert f'action="{STAY}" data-stay' in text(client.get(page))
    for _ in range(2):
        advance(minutes=minutes - 1)
        answer = client.post(STAY, headers={"Accept": "application/json"}).json()
        assert 0 <= minutes * 60 - answer["seconds"] < 60
    assert client.post(STAY).headers["Location"] == pages[0]
    advance(minutes=minutes + 1)
    assert client.post(STAY).headers["Location"] == TRACK
