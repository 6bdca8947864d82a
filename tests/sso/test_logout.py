"""Signing out: what the official plan "rp-initiated logout" asks of a provider, and what ends with what."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import Device, User
from sso import keys
from sso.endings import ends
from sso.models import Authorization, Connection, LogoutNotice, Service
from tests import clock
from tests.accounts.helpers import PROFILE, make_account, sign_in, signed_in
from tests.sso.relying import AFTER, Relying, led_to, read

pytestmark = pytest.mark.django_db


def leave(browser: Client, **params: str) -> Any:
    return browser.get(f"/o/logout?{urlencode(params)}")


def test_oidcc_rp_initiated_logout(browser: Client, connected: Relying) -> None:
    got = connected.tokens(browser)
    response = leave(browser, id_token_hint=got["id_token"], post_logout_redirect_uri=AFTER, state="s t")
    assert led_to(response) == f"{AFTER}?state=s+t"
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not signed_in(browser)
    assert connected.userinfo(got["access_token"]).status_code == 401


def test_oidcc_rp_initiated_logout_by_post(browser: Client, connected: Relying) -> None:
    hint = connected.tokens(browser)["id_token"]
    response = browser.post("/o/logout", {"id_token_hint": hint, "post_logout_redirect_uri": AFTER})
    assert response.status_code == 303
    assert signed_in(browser)
    assert led_to(browser.get(response.headers["Location"])) == AFTER


def test_a_post_that_is_too_long_for_an_address_is_refused(browser: Client, connected: Relying) -> None:
    long = {"id_token_hint": "x" * 4000, "x": "y" * 4000}
    assert browser.post("/o/logout", long).status_code == 400
    assert browser.post("/o/authorize", {**connected.params(), **long}).status_code == 400


def test_oidcc_rp_initiated_logout_no_params(browser: Client) -> None:
    page = leave(browser)
    assert 'name="confirmed"' in page.content.decode()
    assert signed_in(browser)
    stays = browser.post("/o/logout", {"confirmed": "no"})
    assert led_to(stays) == PROFILE
    assert browser.post("/o/logout", {"confirmed": "yes"}).status_code == 200
    assert not signed_in(browser)


def test_oidcc_logout_discovery_endpoint_verification(client: Client) -> None:
    told = client.get("/.well-known/openid-configuration").json()
    assert told["end_session_endpoint"] == "http://localhost/o/logout"
    assert told["backchannel_logout_supported"] is told["backchannel_logout_session_supported"] is True


@pytest.mark.parametrize(
    ("params", "leads"),
    [
        ({"state": "x"}, None),
        ({"post_logout_redirect_uri": AFTER, "client_id": "pension", "state": "x"}, f"{AFTER}?state=x"),
    ],
    ids=["state alone", "no hint"],
)
def test_oidcc_rp_initiated_logout_without_a_hint(
    browser: Client, connected: Relying, params: dict[str, str], leads: str | None
) -> None:
    assert 'name="confirmed"' in leave(browser, **params).content.decode()
    assert signed_in(browser)
    response = browser.post("/o/logout", {**params, "confirmed": "yes"})
    assert response.status_code == 200
    assert led_to(response) == leads if leads else b"http-equiv" not in response.content
    assert not signed_in(browser)


@pytest.mark.parametrize("back", [{}, {"post_logout_redirect_uri": AFTER}], ids=["no address", "no state"])
def test_oidcc_rp_initiated_logout_with_a_hint_alone(browser: Client, connected: Relying, back: dict[str, str]) -> None:
    response = leave(browser, id_token_hint=connected.tokens(browser)["id_token"], **back)
    assert response.status_code == 200
    assert led_to(response) == AFTER if back else b"http-equiv" not in response.content
    assert not signed_in(browser)


def test_a_hint_that_has_expired_counts(browser: Client, connected: Relying) -> None:
    claims = read(connected.tokens(browser)["id_token"])
    old = keys.sign({**claims, "iat": claims["iat"] - 3600, "exp": claims["exp"] - 3600}, "RS256")
    assert led_to(leave(browser, id_token_hint=old, post_logout_redirect_uri=AFTER)) == AFTER
    assert not signed_in(browser)


def test_asking_to_leave_needs_the_page(person: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(person)
    assert browser.post("/o/logout", {"confirmed": "yes"}).status_code == 403
    assert signed_in(browser)


@pytest.mark.parametrize(
    "params",
    [
        {"post_logout_redirect_uri": AFTER},  # of whom?
        {"post_logout_redirect_uri": f"{AFTER}/", "client_id": "pension"},
        {"post_logout_redirect_uri": f"{AFTER}?a=b", "client_id": "pension"},
        {"post_logout_redirect_uri": "https://evil.example/", "client_id": "pension"},
        {"post_logout_redirect_uri": AFTER, "client_id": "nobody"},
        {"id_token_hint": "x.y.z"},
        {"id_token_hint": ""},
    ],
    ids=str,
)
def test_oidcc_rp_initiated_logout_bad(browser: Client, connected: Relying, params: dict[str, str]) -> None:
    response = leave(browser, **params)
    assert response.status_code == 400
    assert b"http-equiv" not in response.content
    assert signed_in(browser)


def test_oidcc_rp_initiated_logout_modified_hint(browser: Client, connected: Relying) -> None:
    hint = connected.tokens(browser)["id_token"]
    assert leave(browser, id_token_hint=f"{hint[:-6]}AAAAAA", post_logout_redirect_uri=AFTER).status_code == 400
    assert leave(browser, id_token_hint=hint, client_id="other", post_logout_redirect_uri=AFTER).status_code == 400
    assert signed_in(browser)


def test_a_stranger_with_somebodys_id_token_ends_nothing(browser: Client, connected: Relying) -> None:
    got = connected.tokens(browser)
    assert led_to(leave(Client(), id_token_hint=got["id_token"], post_logout_redirect_uri=AFTER)) == AFTER
    other = Client()
    sign_in(other, make_account(2))
    assert 'name="confirmed"' in leave(other, id_token_hint=got["id_token"]).content.decode()
    assert connected.userinfo(got["access_token"]).status_code == 200
    assert signed_in(browser)
    assert signed_in(other)


# ── what ends with what ───────────────────────────────────────────────────────────────────────────────────────────────
def by_signing_out(browser: Client, user: User) -> None:
    browser.post("/accounts/logout/")


def by_disconnecting(browser: Client, user: User) -> None:
    row = Connection.objects.get()
    page = browser.get(PROFILE).content.decode()
    address = f"/accounts/profile/services/{row.service_id}/disconnect/"
    assert address in page
    assert browser.get(address).status_code == 200
    assert led_to(browser.post(address)) == PROFILE
    assert address not in browser.get(PROFILE).content.decode()
    assert browser.get(address).status_code == 404


def by_a_password(browser: Client, user: User) -> None:
    user.set_password("Badbadak%45")
    user.save()


def by_closing(browser: Client, user: User) -> None:
    User.objects.update(is_active=False)


def by_the_device(browser: Client, user: User) -> None:
    Device.objects.all().delete()


def by_closing_the_service(browser: Client, user: User) -> None:
    Service.objects.update(state=Service.State.CLOSED)


REASONS = [by_signing_out, by_disconnecting, by_a_password, by_closing, by_the_device, by_closing_the_service]


@pytest.mark.parametrize("reason", REASONS)
def test_what_was_given_ends_at_once(browser: Client, person: User, connected: Relying, reason: Any) -> None:
    Service.objects.update(backchannel_uri="https://service.example/out")
    code, got = connected.code(browser), connected.tokens(browser)
    assert connected.userinfo(got["access_token"]).status_code == 200
    reason(browser, person)
    assert connected.userinfo(got["access_token"]).status_code == 401
    assert connected.redeem(code).status_code in (400, 401)
    ends.sweep()
    assert not Authorization.objects.filter(ended_at=None).exists()
    [notice] = LogoutNotice.objects.all()
    assert notice.sid == read(got["id_token"])["sid"]
    assert ends.sweep() == 0


def test_who_may_act_without_the_person_goes_on_after_a_sign_out(browser: Client, offline: Relying) -> None:
    got = offline.tokens(browser, scope="openid offline_access")
    browser.post("/accounts/logout/")
    assert offline.refresh(got["refresh_token"]).status_code == 200


def test_a_session_ended_from_another_one_ends_its_services(browser: Client, person: User, connected: Relying) -> None:
    got = connected.tokens(browser)
    other = Client()
    sign_in(other, person)
    other.post("/accounts/profile/sessions/end/", {"current_password": "Zangule21"})
    assert connected.userinfo(got["access_token"]).status_code == 401


def test_time_alone_ends_no_sign_in_at_services(browser: Client, connected: Relying) -> None:
    connected.tokens(browser)
    clock.advance(hours=1)
    assert ends.sweep() == 0
