"""The recovery under wrong turns: strangers' codes, jumping, foreign challenges, parallel guesses, secrets."""

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from redis import Redis

from accounts.models import BrowserSession as Session
from accounts.models import Device, User
from sms.models import Message, OtpChallenge
from sms.otp import challenge as otp
from sms.otp import codes
from tests.accounts.helpers import NEW_PASSWORD, PASSWORD, make_account, persian, text
from tests.accounts.recovery.recovering import (
    ANSWERS,
    CODE,
    DONE,
    LATER,
    NEW,
    RESEND,
    RIGHT,
    START,
    WRONG_ANSWERS,
    answer,
    begin,
    choose,
    code_on_phone,
    leads_to,
    make_protected,
    newest_run,
    phone,
    prove,
    to_answers,
    to_password,
    wrong_code,
)
from tests.clock import advance
from tests.people import national_code
from tests.sms.test_secrets import every_row, every_value

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
UNKNOWN = national_code(77)


def masked(response: Any) -> tuple[int, str, list[str]]:
    """Status, page and headers, without the tokens, what was typed, and the seconds of the countdown."""
    page = re.sub('(name="csrfmiddlewaretoken" value=)"[^"]+"', "", response.content.decode())
    page = re.sub('data-(session|longest)="[0-9]+"', "", page)  # seconds that go on while the test walks
    page = re.sub('data-resend="[0-9]+"|name="code" value="[0-9]+"', "", page)
    return response.status_code, page, sorted(response.headers)


def walk(client: Client, code: str) -> list[tuple[int, str, list[str]]]:
    """Everything that a stranger who has no phone can do with a national code."""
    seen = [client.get(START), begin(client, code), client.get(CODE), client.post(CODE, {"code": ""})]
    seen += [client.post(CODE, {"code": "12a"}), client.post(RESEND)]
    seen += [client.post(CODE, {"code": wrong_code(code, step)}) for step in range(1, 7)]
    seen += [client.get(page) for page in LATER] + [answer(client, RIGHT), choose(client)]
    advance(seconds=130)
    seen += [client.post(RESEND), client.get(CODE)]
    for _ in range(3):
        advance(minutes=9)
        seen += [client.post(RESEND), *(client.post(CODE, {"code": wrong_code(code, step)}) for step in range(1, 6))]
    for _ in range(6):
        advance(hours=1, minutes=1)
        seen += [begin(client, code), client.get(CODE)]
    return [
        (status, page.replace(code, "…"), sent) for status, page, sent in map(masked, seen)
    ]  # what was typed stands on its page


def test_a_stranger_sees_the_same_for_every_national_code(new_client: NewClient) -> None:
    known, inactive, staff = (
        make_protected(1),
        make_protected(2, is_active=False, activated_at=None),
        make_protected(3, is_staff=True),
    )
    seen = [walk(new_client(), code) for code in (known.national_code, UNKNOWN, inactive.national_code)]
    seen.append(walk(new_client(), staff.national_code))
    assert 429 in {status for status, _, _ in seen[0]}
    assert seen[0] == seen[1] == seen[2] == seen[3]
    meant_for = set(Message.objects.exclude(state=Message.State.CANCELLED).values_list("recipient", flat=True))
    assert meant_for == {known.mobile}


def test_the_same_work_for_every_national_code(new_client: NewClient) -> None:
    known = make_protected()
    counted = []
    for code in (known.national_code, UNKNOWN):
        client = new_client()
        with CaptureQueriesContext(connection) as asked:
            begin(client, code)
            client.post(CODE, {"code": wrong_code(code)})
        counted.append(len(asked.captured_queries))
        assert (
            Message.objects.filter(national_code=code).count()
            == OtpChallenge.objects.filter(national_code=code).count()
            == 1
        )
    assert counted[0] == counted[1]


def test_nothing_leaves_for_a_code_without_an_account_and_no_code_opens_it(
    client: Client, sms_outbox: list[Any]
) -> None:
    begin(client, UNKNOWN)
    challenge = OtpChallenge.objects.get()
    assert bytes(challenge.nonce) == b""
    assert client.post(CODE, {"code": codes.derive(challenge.purpose, b"")}).status_code == 200
    advance(seconds=130)
    client.post(RESEND)
    phone(make_account(9))  # whatever is due is sent
    assert sms_outbox == []
    assert set(Message.objects.values_list("state", flat=True)) == {Message.State.CANCELLED}
    # Even a challenge that was confirmed somehow leads nowhere without an account.
    OtpChallenge.objects.update(confirmed_at=challenge.created_at, attempts=1)
    assert leads_to(client.get(ANSWERS), START)


def test_every_later_page_leads_to_the_start(client: Client) -> None:
    for page in LATER:
        assert leads_to(client.get(page), START), page
        assert client.post(page, {"code": "123456"}).status_code in (302, 405)
    assert leads_to(client.post(RESEND), START)
    assert Session.objects.count() == 0
    user = make_protected()
    begin(client, user.national_code)
    for page in (ANSWERS, NEW, DONE):
        assert leads_to(client.get(page), START), page
    assert leads_to(answer(client, RIGHT), START)
    assert leads_to(choose(client), START)
    prove(client, user)
    assert leads_to(client.get(NEW), START)
    assert leads_to(choose(client), START)
    assert leads_to(client.get(CODE), ANSWERS)  # who is further is led on
    assert check_password(PASSWORD, User.objects.get().password)
    answer(client, RIGHT)
    assert leads_to(answer(client, WRONG_ANSWERS), NEW)
    assert leads_to(client.get(CODE), NEW)
    assert leads_to(client.post(RESEND), NEW)


def test_a_run_belongs_to_its_browser(new_client: NewClient) -> None:
    user, other = make_protected(), new_client()
    to_answers(new_client(), user)
    assert leads_to(other.get(ANSWERS), START)
    assert leads_to(begin(other, user.national_code), CODE)  # which is held back for now
    advance(minutes=3)
    begin(other, user.national_code)
    assert leads_to(answer(other, RIGHT), START)


def test_a_code_for_something_else_is_refused(client: Client) -> None:
    user = make_protected()
    foreign = otp.start(purpose="device", mobile=user.mobile, national_code=user.national_code, client_ip="192.0.2.1")
    advance(seconds=130)
    begin(client, user.national_code)
    own = newest_run().challenge
    for purpose in ("device", "registration", "mobile_change", "desk"):
        for challenge in (foreign, own):
            code = codes.derive(purpose, bytes(challenge.nonce))
            if code != codes.derive("recovery", bytes(own.nonce)):
                with_fresh_tries(own)
                assert client.post(CODE, {"code": code}).status_code == 200
    assert leads_to(client.get(ANSWERS), START)


def with_fresh_tries(challenge: OtpChallenge) -> None:
    OtpChallenge.objects.filter(pk=challenge.pk).update(attempts=0)


def test_the_session_changes_its_key_at_every_challenge(client: Client) -> None:
    user = make_protected()
    begin(client, user.national_code)
    keys = [client.session.session_key]
    prove(client, user)
    keys.append(client.session.session_key)
    answer(client, RIGHT)
    keys.append(client.session.session_key)
    choose(client)
    keys.append(client.session.session_key)
    assert len(set(keys)) == 4
    assert Session.objects.count() == 1


def test_a_number_that_changed_meanwhile_gets_a_code_of_its_own(client: Client) -> None:
    user = make_protected()
    begin(client, user.national_code)
    old = code_on_phone(user)
    advance(minutes=3)
    User.objects.filter(pk=user.pk).update(mobile="+989970009999")
    assert leads_to(begin(client, user.national_code), CODE)
    user.refresh_from_db()
    assert len(phone(user)) == 1
    if old != code_on_phone(user):
        assert client.post(CODE, {"code": old}).status_code == 200
    assert leads_to(prove(client, user), ANSWERS)


def test_half_an_hour_ends_a_run(client: Client) -> None:
    user = make_protected()
    to_answers(client, user)
    advance(minutes=31)
    assert leads_to(answer(client, RIGHT), START)
    assert persian("Your time has run out. Please begin again.") in text(client.get(START))


def test_the_password_is_set_once(client: Client, new_client: NewClient) -> None:
    user = make_protected()
    second = new_client()
    to_password(client, user)
    to_password(second, user)
    assert leads_to(choose(client), DONE)
    assert leads_to(choose(client, "Badbadak%46"), START)
    assert leads_to(choose(second, "Badbadak%46"), START)
    assert check_password(NEW_PASSWORD, User.objects.get().password)
    assert Message.objects.filter(template="recovered").count() == 1


def test_an_account_that_was_closed_meanwhile_stays_closed(client: Client) -> None:
    user = make_protected()
    to_password(client, user)
    User.objects.update(is_active=False)
    assert leads_to(choose(client), START)
    assert check_password(PASSWORD, User.objects.get().password)
    assert not Message.objects.filter(template="recovered").exists()


def test_empty_answers_cost_nothing(client: Client) -> None:
    user = make_protected()
    to_answers(client, user)
    for _ in range(4):
        response = answer(client, ("خانم نیکو", "", "قطار"))
        assert list(response.context["form"].errors) == ["answer_2"]
    assert newest_run().attempts == 0


def test_one_wrong_answer_and_three_look_the_same(client: Client, new_client: NewClient) -> None:
    user, seen = make_protected(), []
    for answers in (("خانم نیکو", "همدان", "اتوبوس"), ("نه این", "نه آن", "هیچ‌کدام")):
        browser = new_client()
        to_answers(browser, user)
        response = answer(browser, answers)
        seen.append((response.status_code, response.context["form"].errors))
    assert seen[0] == seen[1]


def test_devices_and_other_runs_end_with_the_old_password(client: Client) -> None:
    user, other = make_protected(), make_account(2)
    Device.objects.create(user=user, token_hash="0" * 64)
    Device.objects.create(user=other, token_hash="0" * 64)
    to_password(client, user)
    choose(client)
    assert not Device.objects.filter(user=user, token_hash="0" * 64).exists()
    assert Device.objects.filter(user=other).exists()


def test_no_secret_rests_anywhere(client: Client, clean_redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    user = make_protected()
    begin(client, user.national_code)
    code = code_on_phone(user)
    rows = [every_row()]
    client.post(CODE, {"code": code})
    answer(client, WRONG_ANSWERS)
    rows.append(every_row())
    answer(client, RIGHT)
    choose(client, "short")
    choose(client)
    rows += [every_row(), every_value(clean_redis), caplog.text]
    assert user.national_code in rows[0]
    everything = "\n".join(rows)
    for secret in (*RIGHT, WRONG_ANSWERS[0], PASSWORD, NEW_PASSWORD, "short"):
        assert secret not in everything
    assert not re.search(f"(?<![0-9]){code}(?![0-9])", re.sub(r"\d\d:\d\d:\d\d\.\d+", "", everything))
    assert user.national_code not in caplog.text
    assert user.mobile not in caplog.text
