"""Services at the desk: one person enters, another opens; what is changed waits for another person again."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from joserfc.jwk import ECKey

from accounts.models import User
from registration.desk import roles
from sso.desk import services
from sso.models import Service, ServiceEvent
from sso.protocol import tokens
from tests.accounts.helpers import make_account
from tests.sso.relying import Relying, agreed, make_service

pytestmark = pytest.mark.django_db
LIST, ADD = "/desk/sso/service/", "/desk/sso/service/add/"
FORM: dict[str, Any] = {
    "name_fa": "سامانهٔ درمان",
    "name_en": "Health",
    "address": "https://health.example/",
    "auth_method": "client_secret_basic",
    "jwks": "{}",
    "redirect_uris": "https://health.example/back\nhttps://health.example/app",
    "scopes": ["profile", "phone"],
    "sector": "health",
    "id_token_alg": "RS256",
    "lowest_acr": "1",
}


def member(number: int, role: roles.Role) -> tuple[Client, User]:
    user = make_account(number, is_staff=True, first_name="مینا")
    user.groups.add(roles.group(role))
    browser = Client()
    browser.force_login(user)
    return browser, user


@pytest.fixture
def head() -> Client:
    return member(501, roles.HEAD_OFFICE)[0]


@pytest.fixture
def second() -> Client:
    return member(502, roles.HEAD_OFFICE)[0]


def seen(browser: Client, service: Service) -> str:
    """What the form of opening says of the page that was read."""
    found = re.search(r'name="seen" value="([0-9]*)"', browser.get(f"{LIST}{service.pk}/change/").content.decode())
    return found[1] if found else ""


def press(browser: Client, service: Service, act: str, read: str | None = None) -> Any:
    """`read`: what `seen` has given; without it the page is read now."""
    read = seen(browser, service) if read is None else read
    return browser.post(f"{LIST}{service.pk}/{act}/", {"seen": read}, follow=True)


def test_one_enters_and_another_opens(head: Client, second: Client) -> None:
    assert head.post(ADD, FORM).status_code == 302
    row = Service.objects.get()
    assert (row.state, row.redirect_uris) == ("draft", ["https://health.example/back", "https://health.example/app"])
    assert row.client_id.startswith("svc-")
    assert "هنوز کلید محرمانه ندارد" in press(second, row, "opened").content.decode()
    shown = head.post(f"{LIST}{row.pk}/secret/").content.decode()
    row.refresh_from_db()
    secret = next(word for word in shown.replace("<", ">").split(">") if tokens.hashed(word) == row.secret_hash)
    assert len(secret) == 43
    assert secret not in head.get(f"{LIST}{row.pk}/change/").content.decode()
    assert "شخص دیگری" in press(head, row, "opened").content.decode()
    press(second, row, "opened")
    row.refresh_from_db()
    assert row.state == "open"
    kinds = list(ServiceEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["entered", "secret", "opened"]


@pytest.fixture
def running() -> Service:
    service = make_service(address="https://service.example/")
    ServiceEvent.objects.create(service=service, actor=make_account(503, is_staff=True), kind="entered")
    return service


def changed(service: Service, **fields: Any) -> dict[str, Any]:
    form = {**FORM, "sector": service.sector, "scopes": service.scopes, "redirect_uris": service.redirect_uris[0]}
    form |= {"post_logout_uris": service.post_logout_uris[0], "address": service.address}
    return {**form, "name_fa": service.name_fa, "name_en": service.name_en, **fields}


def test_the_list_says_in_persian_that_a_service_is_open(head: Client, running: Service) -> None:
    assert '<td class="field-state">باز</td>' in head.get(LIST).content.decode()


def test_a_name_is_changed_at_once(head: Client, running: Service) -> None:
    assert head.post(f"{LIST}{running.pk}/change/", changed(running, name_fa="بازنشستگی")).status_code == 302
    running.refresh_from_db()
    assert ServiceEvent.objects.latest("pk").detail == "name_fa"
    assert (running.state, running.name_fa) == ("open", "بازنشستگی")


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"description_fa": "مشاهدهٔ فیش حقوق", "description_en": "See your pension"}, "open"),
        ({"address": "https://service.example/new"}, "draft"),
        ({"initiate_login_uri": "https://service.example/start"}, "draft"),
        ({"identity_checks": ["registry", "branch"]}, "draft"),
    ],
)
def test_words_are_changed_at_once_and_where_people_are_led_is_not(
    head: Client, running: Service, fields: dict[str, Any], state: str
) -> None:
    assert head.post(f"{LIST}{running.pk}/change/", changed(running, **fields)).status_code == 302
    running.refresh_from_db()
    assert (running.state, {name: getattr(running, name) for name in fields}) == (state, fields)


def test_what_a_form_says_of_itself_does_not_count(head: Client, running: Service) -> None:
    key = ECKey.generate_key("P-256").as_dict(private=False)
    jwks = json.dumps({"keys": [key]})
    head.post(f"{LIST}{running.pk}/change/", changed(running, jwks=jwks, **{"initial-jwks": jwks}))
    running.refresh_from_db()
    assert running.state == "draft"


def test_another_address_waits_for_another_person(
    head: Client, second: Client, running: Service, browser: Client, person: User
) -> None:
    agreed(person, running)
    got = Relying(running).tokens(browser)
    head.post(f"{LIST}{running.pk}/change/", changed(running, redirect_uris="https://service.example/new"))
    running.refresh_from_db()
    assert running.state == "draft"
    assert Relying(running).userinfo(got["access_token"]).status_code == 401
    press(head, running, "opened")
    running.refresh_from_db()
    assert running.state == "draft"
    press(second, running, "opened")
    running.refresh_from_db()
    assert running.state == "open"


def test_nobody_opens_what_they_took_part_in(head: Client, second: Client, running: Service) -> None:
    """However much others did after it; what was opened before counts no more."""
    third, _ = member(506, roles.HEAD_OFFICE)
    head.post(f"{LIST}{running.pk}/change/", changed(running, redirect_uris="https://service.example/new"))
    second.post(f"{LIST}{running.pk}/secret/")
    for browser in (head, second):
        for act in ("opened", "tested"):
            assert "شخص دیگری" in press(browser, running, act).content.decode()
    running.refresh_from_db()
    assert running.state == "draft"
    press(third, running, "tested")
    assert "شخص دیگری" in press(head, running, "opened").content.decode()
    press(third, running, "opened")
    second.post(f"{LIST}{running.pk}/secret/")
    press(head, running, "opened")
    running.refresh_from_db()
    assert running.state == "open"


def test_what_was_changed_since_the_page_was_read_is_not_opened(head: Client, second: Client, running: Service) -> None:
    head.post(f"{LIST}{running.pk}/secret/")
    read = seen(second, running)
    assert read == str(ServiceEvent.objects.latest("pk").pk)
    head.post(f"{LIST}{running.pk}/change/", changed(running, redirect_uris="https://service.example/new"))
    for old in (read, "", "x", "9" * 30):
        for act in ("opened", "tested"):
            assert "در این فاصله" in press(second, running, act, old).content.decode()
    running.refresh_from_db()
    assert running.state == "draft"
    press(second, running, "opened")
    running.refresh_from_db()
    assert running.state == "open"


def test_a_form_with_errors_opens_nothing(head: Client, running: Service) -> None:
    """What stands in it is not what is kept."""
    address = f"{LIST}{running.pk}/change/"
    assert f"{LIST}{running.pk}/opened/" in head.get(address).content.decode()
    assert f"{LIST}{running.pk}/opened/" not in head.post(address, changed(running, name_fa="")).content.decode()


def test_a_change_keeps_a_secret_that_was_made_meanwhile(running: Service) -> None:
    actor = make_account(507, is_staff=True)
    read_before = Service.objects.get()
    secret = services.new_secret(running, actor)
    read_before.name_fa = "بازنشستگی"
    services.change(read_before, actor)
    running.refresh_from_db()
    assert (running.secret_hash, running.name_fa) == (tokens.hashed(secret), "بازنشستگی")
    assert running.state == "draft"


def test_a_secret_is_for_the_method_that_is_kept(running: Service) -> None:
    """Not for that of a page that was read before it was changed."""
    Service.objects.update(auth_method=Service.Auth.NONE, secret_hash="")
    with pytest.raises(services.RefusedError, match="no-secret"):
        services.new_secret(running, make_account(507, is_staff=True))
    running.refresh_from_db()
    assert (running.secret_hash, running.state) == ("", "open")


def test_a_new_secret_ends_what_was_given_out_for_ever(
    head: Client, second: Client, running: Service, browser: Client, person: User
) -> None:
    agreed(person, running)
    got = Relying(running).tokens(browser)
    head.post(f"{LIST}{running.pk}/secret/")
    press(second, running, "opened")
    running.refresh_from_db()
    assert running.state == "open"
    assert Relying(running).userinfo(got["access_token"]).status_code == 401


def test_close_now(head: Client, running: Service, browser: Client, person: User) -> None:
    agreed(person, running)
    got = Relying(running).tokens(browser)
    press(head, running, "closed")
    assert Relying(running).userinfo(got["access_token"]).status_code == 401
    press(head, running, "opened")
    running.refresh_from_db()
    assert running.state == "closed"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("redirect_uris", ""),
        ("redirect_uris", "http://service.example/back"),
        ("redirect_uris", "https://service.example/back#x"),
        ("redirect_uris", "\n".join(f"https://service.example/{number}" for number in range(11))),
        ("address", "javascript:alert(1)"),
        ("initiate_login_uri", "http://service.example/start"),
        ("identity_checks", "other"),
        ("backchannel_uri", "https://user@service.example/"),
        ("sector", "another"),
        ("sector", "حوزه"),
        ("scopes", ["everything"]),
        ("jwks", '{"keys": []}'),
        ("jwks", "not json"),
        ("name_fa", ""),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(head: Client, running: Service, name: str, value: Any) -> None:
    response = head.post(f"{LIST}{running.pk}/change/", changed(running, **{name: value}))
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert ServiceEvent.objects.count() == 1


def test_who_only_reads_changes_nothing(running: Service) -> None:
    auditor, _ = member(504, roles.AUDITOR)
    assert auditor.get(LIST).status_code == auditor.get("/desk/sso/serviceevent/").status_code == 200
    assert auditor.get(f"{LIST}{running.pk}/change/").status_code == 200
    assert auditor.post(f"{LIST}{running.pk}/change/", FORM).status_code == 403
    assert auditor.post(ADD, FORM).status_code == 403
    for act in ("opened", "tested", "closed", "secret"):
        assert auditor.post(f"{LIST}{running.pk}/{act}/").status_code == 403
        assert auditor.get(f"{LIST}{running.pk}/{act}/").status_code == 405


def test_a_clerk_sees_nothing_of_services(running: Service) -> None:
    clerk, _ = member(505, roles.CLERK)
    assert clerk.get(LIST).status_code == clerk.get("/desk/sso/serviceevent/").status_code == 403
    assert clerk.post(f"{LIST}{running.pk}/closed/").status_code == 403


def test_history_is_not_written_by_hand(head: Client, running: Service) -> None:
    event = ServiceEvent.objects.get()
    assert head.get("/desk/sso/serviceevent/add/").status_code == 403
    assert head.post(f"/desk/sso/serviceevent/{event.pk}/change/", {"detail": "x"}).status_code == 403
    assert head.post(f"/desk/sso/serviceevent/{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert head.post(f"{LIST}{running.pk}/delete/", {"post": "yes"}).status_code == 403
