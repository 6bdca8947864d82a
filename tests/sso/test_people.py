"""What a service learns of a person, how sure it may be of who it is, and who is asked for what."""

import time
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.errands import documents
from accounts.errands.errand import NotPossible
from accounts.models import User
from sso.models import Authorization, Connection, PendingRequest, Service, Subject
from tests.accounts.errands.at_the_desk import errand
from tests.accounts.helpers import know_device, make_account, sign_in
from tests.sso.relying import (
    Relying,
    agreed,
    allow,
    answered,
    led_to,
    make_service,
    read,
)

pytestmark = pytest.mark.django_db


def test_what_was_not_shown_is_not_agreed(browser: Client, relying: Relying) -> None:
    waiting = led_to(relying.send(browser, scope="openid profile national_code"))
    browser.get(waiting)
    Service.objects.update(scopes=["profile", "national_code"])
    again = browser.post(waiting, {"act": "allow", "scopes": "openid profile"})
    assert "کد ملی" in again.content.decode()
    assert not Connection.objects.exists()


def test_claims_only_by_entitlement(browser: Client, relying: Relying) -> None:
    response = relying.send(browser, scope="openid profile national_code")
    page = browser.get(led_to(response)).content.decode()
    assert "کد ملی" not in page
    got = relying.redeem(answered(allow(browser, response))["code"]).json()
    assert got["scope"] == "openid profile"
    assert "national_code" not in relying.userinfo(got["access_token"]).json()
    assert "national_code" not in read(got["id_token"])


def test_what_an_entitlement_loses_is_told_no_more(browser: Client, connected: Relying) -> None:
    got = connected.tokens(browser, scope="openid profile phone")
    Service.objects.update(scopes=["phone"])
    assert connected.userinfo(got["access_token"]).json().keys() == {"sub", "phone_number", "phone_number_verified"}


def test_nothing_links_a_person_of_two_sectors(browser: Client, person: User, connected: Relying) -> None:
    same, other = (
        Relying(make_service(name, sector=sector)) for name, sector in [("sick", "insured"), ("health", "health")]
    )
    agreed(person, same.service)
    agreed(person, other.service)
    mine, hers, theirs = (read(one.tokens(browser)["id_token"]) for one in (connected, same, other))
    assert mine["sub"] == hers["sub"] != theirs["sub"]
    assert mine["sid"] == hers["sid"] != theirs["sid"]
    assert Subject.objects.count() == 2


def test_the_subject_stays(browser: Client, person: User, connected: Relying, settings: Any) -> None:
    before = read(connected.tokens(browser)["id_token"])["sub"]
    User.objects.update(mobile="+989970000009", last_name="کریمی", email="other@example.org")
    person.refresh_from_db()
    person.set_password("Badbadak%45")
    person.save()
    settings.SECRET_KEY = "another-" + settings.SECRET_KEY
    other = Client()
    sign_in(other, person, "Badbadak%45")
    assert read(connected.tokens(other)["id_token"])["sub"] == before


def test_another_person_does_not_go_on_where_the_password_is_asked(
    browser: Client, person: User, connected: Relying, caplog: pytest.LogCaptureFixture
) -> None:
    other = make_account(2, password="Badbadak%45")
    waiting = led_to(connected.send(browser, prompt="login"))
    refused = browser.post(waiting, {"current_password": "Badbadak%45", "national_code": other.national_code})
    assert 'name="current_password"' in refused.content.decode()
    caplog.set_level("INFO")
    again = browser.post(waiting, {"act": "other"})
    assert led_to(again).startswith("/accounts/login/")
    assert "sign-out area=portal" in caplog.text
    know_device(browser, other)
    assert led_to(sign_in(browser, other, "Badbadak%45", next=waiting)) == waiting
    assert 'value="allow"' in browser.get(waiting).content.decode()  # the other one has agreed to nothing
    assert not Authorization.objects.exists()


def test_a_sign_in_elsewhere_does_not_count(browser: Client, person: User, connected: Relying) -> None:
    """prompt=login is answered in the browser that asked, by who has signed in since."""
    elsewhere = Client()
    sign_in(elsewhere, person)
    with time_machine.travel(time.time() + 60):
        waiting = led_to(connected.send(browser, prompt="login"))
        assert 'name="current_password"' in elsewhere.get(waiting).content.decode()
        assert 'name="current_password"' in browser.get(waiting).content.decode()


def test_a_lower_level_is_never_passed_in_silence(client: Client, person: User) -> None:
    relying = Relying(make_service(lowest_acr=2))
    agreed(person, relying.service)
    sign_in(client, person, confirmed=False)
    assert answered(relying.send(client, prompt="none"))["error"] == "interaction_required"
    waiting = led_to(relying.send(client))
    assert led_to(client.get(waiting)) == "/accounts/profile/confirm/"
    assert "سامانهٔ بازنشستگی" in client.get("/accounts/profile/confirm/").content.decode()
    User.objects.update(mobile="")
    person.refresh_from_db()
    sign_in(client, person, confirmed=False)
    assert answered(relying.send(client, prompt="none"))["error"] == "unmet_authentication_requirements"
    waiting = led_to(relying.send(client))
    page = client.get(waiting).content.decode()
    assert "شمارهٔ تلفن همراهی ثبت نشده" in page
    assert "/branches/" in page
    assert answered(client.post(waiting, {"act": "deny"}))["error"] == "unmet_authentication_requirements"


@pytest.mark.parametrize(
    ("accepted", "has", "says"),
    [
        (["branch"], "registry", "هویت صاحب آن‌ها با مدارک در شعبه"),
        (["registry", "branch"], "", "هویت صاحب آن‌ها با مدارک در شعبه"),
        (["registry"], "branch", "با استعلام از ثبت احوال"),
    ],
)
def test_who_lacks_the_check_reads_what_to_do_before_anything_is_typed(
    browser: Client, person: User, accepted: list[str], has: str, says: str
) -> None:
    relying = Relying(make_service(identity_checks=accepted, lowest_acr=2))
    User.objects.update(identity_check=has)
    assert answered(relying.send(browser, prompt="none"))["error"] == "unmet_authentication_requirements"
    waiting = led_to(relying.send(browser, prompt="login"))
    page = browser.get(waiting).content.decode()
    assert says in page
    assert ("/branches/" in page) == ("branch" in accepted)
    assert says in browser.post(waiting, {"act": "allow", "scopes": "openid"}).content.decode()
    assert answered(browser.post(waiting, {"act": "deny"}))["error"] == "unmet_authentication_requirements"


def test_what_was_seen_at_a_branch_opens_the_service_and_is_told(browser: Client, person: User) -> None:
    relying = Relying(make_service(identity_checks=["branch"], scopes=["identity_check"]))
    User.objects.update(identity_check="registry")
    waiting = led_to(relying.send(browser, scope="openid identity_check"))
    documents.see(person.pk, errand(person))
    assert "با مدارک، در شعبه" in browser.get(waiting).content.decode()  # the page of what the service would learn
    code = answered(browser.post(waiting, {"act": "allow", "scopes": "openid identity_check"}))["code"]
    assert relying.userinfo(relying.redeem(code).json()["access_token"]).json()["identity_check"] == "branch"
    with pytest.raises(NotPossible):
        documents.see(person.pk, errand(person))


def test_a_check_that_nobody_knows_is_left_out(browser: Client, person: User) -> None:
    relying = Relying(make_service(scopes=["identity_check"]))
    response = relying.send(browser, scope="openid identity_check")
    assert "نامشخص" in browser.get(led_to(response)).content.decode()
    got = relying.redeem(answered(allow(browser, response))["code"]).json()
    assert relying.userinfo(got["access_token"]).json().keys() == {"sub"}


def test_a_level_is_a_wish_where_the_row_demands_none(client: Client, person: User, connected: Relying) -> None:
    sign_in(client, person, confirmed=False)
    assert read(connected.tokens(client)["id_token"])["acr"] == "http://localhost/acr/1"
    waiting = led_to(connected.send(client, acr_values="urn:x http://localhost/acr/2"))
    assert led_to(client.get(waiting)) == "/accounts/profile/confirm/"


def test_a_staff_account_does_not_sign_in_at_services(client: Client, relying: Relying) -> None:
    client.force_login(make_account(3, is_staff=True))
    assert answered(relying.send(client, prompt="none"))["error"] == "login_required"
    waiting = led_to(relying.send(client))
    assert 'value="other"' in client.get(waiting).content.decode()
    allowed = client.post(waiting, {"act": "allow", "scopes": "openid profile"})
    assert 'value="other"' in allowed.content.decode()
    assert not Connection.objects.exists()


def test_the_first_page_lists_open_services_to_who_is_signed_in(browser: Client, connected: Relying) -> None:
    make_service("draft", state="draft", name_fa="پیش‌نویس")
    assert "سامانهٔ بازنشستگی" in browser.get("/").content.decode()
    assert "پیش‌نویس" not in browser.get("/").content.decode()
    assert "سامانهٔ بازنشستگی" not in Client().get("/").content.decode()


def test_who_is_meant_is_kept_without_the_token(
    client: Client, browser: Client, person: User, connected: Relying
) -> None:
    hint = connected.tokens(browser)["id_token"]
    elsewhere = Client()
    waiting = led_to(connected.send(elsewhere, id_token_hint=hint, login_hint=person.national_code))
    row = PendingRequest.objects.get()
    assert row.meant == read(hint)["sub"]
    assert not {"id_token_hint", "login_hint"} & row.params.keys()
    sign_in(elsewhere, make_account(2), next=waiting)
    assert answered(elsewhere.get(waiting))["error"] == "login_required"
    again = Client()
    waiting = led_to(connected.send(again, id_token_hint=hint))
    sign_in(again, person, next=waiting)
    assert "code" in answered(again.get(waiting))
