"""A fresh code before what shows a person or changes much: where it is asked, and that nothing typed is lost by it."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from registration.desk import roles, step_up
from registration.models import RegistrationRequest
from sso.models import Service
from tests.accounts import helpers
from tests.registration.desk.factor import App, at_the_desk, give_code, give_password, set_up_app
from tests.registration.desk.matrix import MATRIX, NOBODY, OTHERS
from tests.registration.desk.members import member
from tests.registration.desk.pages import LIST, record
from tests.registration.desk.test_roles import patterns
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text
from tests.sso.relying import make_service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("factor_required", "clock")]

NewClient = Callable[[], Client]
FRESH = "/desk/code/"
ASKS = "کد تازه‌ای وارد کنید"
WRONG = "کد درست نیست یا پیش‌تر استفاده شده است"


@pytest.fixture
def desk(client: Client, clerk: User, app: App) -> Client:
    """A clerk who is signed in with the code of now."""
    give_password(client, clerk)
    give_code(client, app(0))
    assert at_the_desk(client)
    return client


def held(page: Any) -> dict[str, list[str]]:
    """The hidden fields of a page's form, but for the token."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.content.decode()):
        if name != "csrfmiddlewaretoken":
            found.setdefault(name, []).append(unescape(value))
    return found


def test_a_record_is_shown_with_a_code_that_is_five_minutes_old_at_most(
    desk: Client, app: App, clock: time_machine.Traveller
) -> None:
    row = make_request(1, "branch")
    clock.shift(timedelta(minutes=5))
    assert desk.get(record(row)).status_code == 200
    clock.shift(timedelta(seconds=1))
    assert desk.get(LIST).status_code == 200
    led = desk.get(record(row))
    assert led.headers["Location"] == f"{FRESH}?next={record(row).replace('/', '%2F')}"
    assert row.events.filter(kind="viewed").count() == 1
    page = desk.get(led.headers["Location"])
    assert ASKS in text(page)
    refused = desk.post(FRESH, {**held(page), "fresh_code": "000000"})
    assert WRONG in text(refused)
    entered = desk.post(FRESH, {**held(refused), "fresh_code": app(0)})
    assert entered.headers["Location"] == record(row)
    assert desk.get(record(row)).status_code == 200
    assert desk.get(led.headers["Location"]).headers["Location"] == record(row)  # "back" asks for nothing


def test_a_form_that_was_sent_is_held_and_done_with_the_code(
    desk: Client, app: App, clock: time_machine.Traveller
) -> None:
    row = make_request(1, "branch")
    clock.shift(timedelta(minutes=6))
    sent = {"reason": "other", "details": 'نام پدر «علی» با مدرک "نمی‌خواند"'}
    page = desk.post(f"{LIST}{row.pk}/reject/", sent)
    assert ASKS in text(page)
    assert held(page) == {name: [value] for name, value in sent.items()}
    for wrong in ("", "12", f"{(int(app(0)) + 1) % 10**6:06}"):
        page = desk.post(f"{LIST}{row.pk}/reject/", {**held(page), "fresh_code": wrong})
        assert page.status_code == 200
        assert held(page) == {name: [value] for name, value in sent.items()}
    row.refresh_from_db()
    assert row.status == "branch"
    assert desk.post(f"{LIST}{row.pk}/reject/", {**held(page), "fresh_code": app(0)}).status_code == 302
    row.refresh_from_db()
    assert row.status == "rejected"
    assert sent["details"] in row.events.exclude(to_status="").latest("pk").words


def test_check_boxes_of_one_name_are_held_too(desk: Client, app: App, clock: time_machine.Traveller) -> None:
    row = make_request(1, "mismatch", identity="mismatch")
    clock.shift(timedelta(minutes=6))
    ticked = {"documents": ["national_card", "birth_certificate"], "documents_seen": "1"}
    assert held(desk.post(f"{LIST}{row.pk}/activate/", ticked))["documents"] == ticked["documents"]


def test_guessing_has_the_limits_of_the_sign_in_and_the_form_stays(
    desk: Client, app: App, clock: time_machine.Traveller
) -> None:
    row = make_request(1, "branch")
    clock.shift(timedelta(minutes=6))
    wrong = {"reason": "mobile", "fresh_code": f"{(int(app(0)) + 1) % 10**6:06}"}
    for _ in range(5):
        assert desk.post(f"{LIST}{row.pk}/reject/", wrong).status_code == 200
    waits = desk.post(f"{LIST}{row.pk}/reject/", {**wrong, "fresh_code": app(0)})
    assert (waits.status_code, waits.headers["Retry-After"]) == (429, "60")
    assert held(waits) == {"reason": ["mobile"]}
    helpers.age_limits(61)
    assert desk.post(f"{LIST}{row.pk}/reject/", {**held(waits), "fresh_code": app(0)}).status_code == 302


def test_the_code_of_the_sign_in_is_not_taken_again(
    desk: Client, app: App, clock: time_machine.Traveller, settings: Settings
) -> None:
    used = app(0)
    row = make_request(1, "branch")
    clock.shift(timedelta(minutes=6))
    assert WRONG in text(desk.post(FRESH, {"next": record(row), "fresh_code": used}))


def test_it_leads_to_no_other_site(desk: Client, app: App, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(minutes=6))
    sent = desk.post(FRESH, {"next": "https://example.com/", "fresh_code": app(0)})
    assert sent.headers["Location"] == "/desk/"


def test_two_at_the_same_time_are_led_each_where_they_wanted(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    own: list[int] = []
    others: list[str] = []
    whole = step_up.FreshCode.get_redirect_url

    def interrupted(page: step_up.FreshCode) -> str:
        if not own:  # a thread of another request runs between these two lines
            own.append(1)
            others.append(desk.get(f"{FRESH}?next=/desk/accounts/user/").headers["Location"])
        return whole(page)

    monkeypatch.setattr(step_up.FreshCode, "get_redirect_url", interrupted)
    assert desk.get(f"{FRESH}?next={LIST}").headers["Location"] == LIST
    assert others == ["/desk/accounts/user/"]


def test_who_may_not_is_not_asked(client: Client, clock: time_machine.Traveller) -> None:
    reader = member(520, roles.AUDITOR)
    give_password(client, reader)
    shows = set_up_app(reader)
    give_password(client, reader)
    give_code(client, shows(0))
    row = make_request(1, "branch")
    clock.shift(timedelta(minutes=6))
    assert client.post(f"{LIST}{row.pk}/activate/", {"documents_seen": "1"}).status_code == 403
    assert client.get(record(row)).headers["Location"].startswith(FRESH)


@pytest.mark.parametrize("right", [right for right in roles.TABLE if right.fresh_to_see or right.fresh_to_do])
def test_every_address_of_the_table_is_one(right: roles.Right) -> None:
    assert set(right.fresh_to_see + right.fresh_to_do) <= set(patterns())


@pytest.mark.parametrize("name", [name for right in roles.TABLE for name in right.fresh_to_see])
def test_no_other_method_shows_what_needs_a_fresh_code(desk: Client, clock: time_machine.Traveller, name: str) -> None:
    about = make_request(1, "branch") if name.startswith(roles.REQUEST) else helpers.make_account(602)
    page = reverse(f"admin:{name}", args=[about.pk], current_app="desk")
    clock.shift(timedelta(minutes=6))
    for method in ("PUT", "PATCH", "DELETE"):
        refused = desk.generic(method, page)
        assert (refused.status_code, about.last_name in refused.content.decode()) == (405, False)


@pytest.mark.parametrize("verb", ["correct", "reject", "withdraw"])
def test_the_page_of_a_verb_names_a_person_with_a_fresh_code_and_is_noted(
    desk: Client, app: App, clock: time_machine.Traveller, verb: str
) -> None:
    row = make_request(1, "mismatch", identity="mismatch", province="")
    page = f"{LIST}{row.pk}/{verb}/"
    clock.shift(timedelta(minutes=6))
    assert desk.get(page).headers["Location"].startswith(FRESH)
    assert not row.events.filter(kind="viewed").exists()
    desk.post(FRESH, {"fresh_code": app(0)})
    for _ in range(2):
        assert row.last_name in text(desk.get(page))
    assert row.events.filter(kind="viewed").count() == 1


LEAD_BACK = {"mobilecode", "callercode", "unlock", "identityrefuse"}  # an account without a code, locked, or changed


@pytest.mark.parametrize("act", [act for act in roles.ACCOUNT_ACTS if act not in LEAD_BACK])
def test_the_page_of_an_errand_names_a_person_with_a_fresh_code_and_is_noted(
    desk: Client, app: App, clock: time_machine.Traveller, act: str
) -> None:
    user = helpers.make_account(602)
    page = f"/desk/accounts/user/{user.pk}/{act}/"
    clock.shift(timedelta(minutes=6))
    assert desk.get(page).headers["Location"].startswith(FRESH)
    assert not user.desk_events.exists()
    desk.post(FRESH, {"fresh_code": app(0)})
    for _ in range(2):
        assert user.last_name in text(desk.get(page))
    assert [event.kind for event in user.desk_events.all()] == ["viewed"]


# Who posts there is asked for no fresh code, and why.
WITHOUT = {
    "registration_registrationrequest_take": "divides work among colleagues",
    "registration_registrationrequest_handback": "divides work among colleagues",
    "registration_registrationrequest_handover": "divides work among colleagues",
    "registration_registrationrequest_note": "adds a remark for colleagues",
    "registration_registrationrequest_bulk": "shows again what the list shows; the next step asks",
    "registration_registrationrequest_reach": "keeps a reason, and names nobody; the record asks",
    "registration_registrationrequest_find": "leads to the list",
    "accounts_user_find": "leads to the list",
    "staff-find": "leads to the list",
    "looks-find": "leads to the list",
    "looks": "answers GET alone",
    "looks-idle": "answers GET alone",
    "accounts_user_waiting": "answers GET alone",
    "accounts_user_reach": "keeps a reason, and names nobody; the record asks",
    "figures": "shows counts",
    "figures-file": "answers GET alone",
    "stay": "puts off the end of the session, and shows nothing",
    "staff": "answers GET alone",
    "staff-member": "answers GET alone",
    "index": "shows counts",
    "autocomplete": "is not there",
    **dict.fromkeys(OTHERS, "before, after or beside the sign-in"),
}
READ = {"changelist", "history"}  # of Django's admin; what is posted is not looked at: no list has actions
FORBIDDEN = {name for (name, _), (_, answers) in MATRIX.items() if answers == NOBODY}  # to show or to change


def test_whatever_can_be_posted_asks_for_a_fresh_code_or_has_a_reason_not_to() -> None:
    asking = {name for right in roles.TABLE for name in right.fresh_to_do}
    read_or_closed = {name for name in patterns() if name.rpartition("_")[2] in READ or name in FORBIDDEN}
    assert set(patterns()) - asking - read_or_closed == set(WITHOUT)
    assert not asking & set(WITHOUT)


def test_a_service_gets_no_new_secret_without_a_fresh_code(client: Client, clock: time_machine.Traveller) -> None:
    head = member(522, roles.HEAD_OFFICE)
    give_password(client, head)
    shows = set_up_app(head)
    give_password(client, head)
    give_code(client, shows(0))
    service = make_service(sector="health", state="draft")
    before = Service.objects.values().get()
    clock.shift(timedelta(minutes=6))
    for act in ("opened", "tested", "closed", "secret"):
        assert ASKS in text(client.post(f"/desk/sso/service/{service.pk}/{act}/"))
    assert Service.objects.values().get() == before
    assert client.post(f"/desk/sso/service/{service.pk}/secret/", {"fresh_code": shows(0)}).status_code == 200
    assert Service.objects.values().get() != before


def test_without_the_app_nothing_is_asked(client: Client, clock: time_machine.Traveller, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = "off"
    clerk, row = member(521, roles.CLERK), make_request(1, "branch")
    give_password(client, clerk)
    clock.shift(timedelta(minutes=6))
    assert client.get(record(row)).status_code == 200
    documents = {"documents_seen": "1", "no_code": "no_signal"}
    assert client.post(f"{LIST}{row.pk}/activate/", documents).status_code == 302
    assert RegistrationRequest.objects.get().status == "activated"


def test_a_code_is_fresh_for_its_session_alone(
    desk: Client, new_client: NewClient, clerk: User, app: App, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=6))
    desk.post(FRESH, {"fresh_code": app(0)})
    assert step_up.SHOWN in desk.session
    desk.post("/desk/logout/")
    assert step_up.SHOWN not in desk.session
