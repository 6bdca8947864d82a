"""Services are told of sign-outs: what the official plan "back-channel" asks; how long all these rows live."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from infra import http
from sso import retention
from sso.endings import notices
from sso.models import Authorization, Connection, LogoutNotice, PendingRequest, Service, Token
from sso.protocol import tokens
from tests import clock
from tests.sso.relying import Relying, header, read
from tests.stand_ins.http import Received, Reply, StandIn

pytestmark = pytest.mark.django_db


class Receiver(StandIn):
    """A service's address for notices. `status`: of its answers."""

    status = 200

    def reply(self, request: Received) -> Reply:
        headers = {"Location": "/elsewhere"} if self.status == 302 else {}
        return Reply(self.status, b"", headers)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def told(browser: Client, connected: Relying) -> tuple[Relying, str]:
    """A service that is to be told, and the `sid` that it knows; the notice waits."""
    sid = read(connected.tokens(browser)["id_token"])["sid"]
    return connected, sid


@pytest.mark.parametrize("status", [200, 204])
def test_oidcc_backchannel_rp_initiated_logout(
    browser: Client, told: tuple[Relying, str], receiver: Receiver, status: int
) -> None:
    relying, sid = told
    Service.objects.update(backchannel_uri=f"{receiver.base_url}/out")
    receiver.status = status
    browser.post("/accounts/logout/")
    assert notices.drain() == 1
    [asked] = receiver.received
    claims = read(asked.form["logout_token"])
    assert header(asked.form["logout_token"])["typ"] == "logout+jwt"
    assert claims["sid"] == sid
    assert claims["aud"] == "pension"
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert claims["exp"] - claims["iat"] == 120
    assert "nonce" not in claims
    assert LogoutNotice.objects.get().outcome == "delivered"
    assert notices.drain() == 0
    assert relying.service.pk


@pytest.mark.parametrize(("status", "outcome"), [(400, "failed"), (500, "waiting"), (302, "waiting"), (404, "waiting")])
def test_what_is_no_yes_is_tried_again_but_for_a_final_no(
    browser: Client, told: tuple[Relying, str], receiver: Receiver, status: int, outcome: str
) -> None:
    Service.objects.update(backchannel_uri=f"{receiver.base_url}/out")
    receiver.status = status
    browser.post("/accounts/logout/")
    notices.drain()
    row = LogoutNotice.objects.get()
    assert (row.outcome, row.last_error) == (outcome, f"status {status}")
    assert len(receiver.received) == 1  # a redirect is not followed
    clock.advance(hours=2)
    receiver.status = 200
    assert notices.drain() == (outcome == "waiting")
    first, *again = [one.form["logout_token"] for one in receiver.received]
    assert all(read(one)["jti"] == read(first)["jti"] for one in again)


def test_a_service_that_is_away_is_given_up_after_a_day(browser: Client, told: tuple[Relying, str]) -> None:
    Service.objects.update(backchannel_uri="http://127.0.0.1:1/out")
    browser.post("/accounts/logout/")
    notices.drain()
    assert LogoutNotice.objects.get().outcome == "waiting"
    clock.advance(hours=25)
    notices.drain()
    row = LogoutNotice.objects.get()
    assert (row.outcome, row.last_error) == ("failed", "no connection")


def test_nothing_is_sent_to_addresses_inside(receiver: Receiver) -> None:
    for host in ("localhost", "127.0.0.1"):
        with pytest.raises(http.HttpError) as refused:
            http.request(
                "POST", f"http://{host}:{urlsplit(receiver.base_url).port}/", seconds=5, form={"a": "b"}, public=True
            )
        assert not refused.value.sent
    assert receiver.received == []


def test_a_code_that_was_never_used_is_told_to_nobody(browser: Client, connected: Relying) -> None:
    Service.objects.update(backchannel_uri="https://service.example/out")
    connected.code(browser)
    browser.post("/accounts/logout/")
    assert not LogoutNotice.objects.exists()


def test_what_counts_no_more_is_deleted(browser: Client, person: User, connected: Relying, offline: Relying) -> None:
    connected.tokens(browser)
    offline.tokens(browser, scope="openid offline_access")
    connected.send(browser, prompt="login")
    assert tokens.is_new("x", timezone.now() + timedelta(minutes=5))
    retention.purge()
    assert (Authorization.objects.count(), Token.objects.count(), PendingRequest.objects.count()) == (2, 3, 1)
    assert not tokens.is_new("x", timezone.now())
    clock.advance(hours=25)
    retention.purge()
    assert (Authorization.objects.count(), Token.objects.count(), PendingRequest.objects.count()) == (1, 1, 0)
    assert tokens.is_new("x", timezone.now())
    clock.advance(timedelta(days=31))
    retention.purge()
    assert not Authorization.objects.exists()
    assert Connection.objects.count() == 2


def test_without_workers_the_command_tells_services(
    browser: Client, told: tuple[Relying, str], receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    Service.objects.update(backchannel_uri=f"{receiver.base_url}/out")
    User.objects.update(is_active=False)
    call_command("drain")
    assert "ended sign-ins at services: 1, notices of sign-outs: 1" in capsys.readouterr().out
    assert LogoutNotice.objects.get().outcome == "delivered"
