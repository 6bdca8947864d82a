"""Who may do what at the branch desk, and what nobody may."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from threading import Lock

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import Branch, User
from registration.desk import roles
from registration.models import RegistrationRequest
from sms.models import Message
from tests.accounts import helpers
from tests.people import national_code
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK, LIST, PERSIAN, record, shown
from tests.registration.rows import make_request
from tests.registration.wizard.walking import text
from tests.threads import together

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
Status = RegistrationRequest.Status


# ── nothing can be probed or changed ──────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "query",
    [
        "password_hash__startswith=a",
        "answers_hash__gte=a",
        "national_code=1",
        "status__exact=branch",
        "challenge__nonce=1",
    ],
)
def test_no_column_can_be_probed_through_the_address(desk: Client, query: str) -> None:
    make_request(1)
    assert desk.get(f"{LIST}?{query}").status_code == 400


def test_the_list_cannot_be_sorted_by_hidden_columns(desk: Client) -> None:
    first, second = make_request(1, age=timedelta(hours=2)), make_request(2, age=timedelta(hours=1))
    for order in ("1", "-1", "3", "-6", "password_hash", "99", "x.y"):
        assert sorted(shown(desk.get(LIST, {"o": order}))) == [first.pk, second.pk]
        assert "password_hash" not in str(desk.get(LIST, {"o": order}).context["cl"].queryset.query.order_by)


def test_not_even_a_superuser_can_add_edit_or_delete(client: Client) -> None:
    client.force_login(helpers.make_account(501, is_staff=True, is_superuser=True))
    row = make_request(1)
    before = RegistrationRequest.objects.values().get()
    for address in (f"{LIST}add/", record(row), f"{LIST}{row.pk}/delete/"):
        assert client.post(address, {"first_name": "x", "status": "activated", "post": "yes"}).status_code == 403
    assert client.post(LIST, {"action": "delete_selected", "_selected_action": row.pk}).status_code == 200
    assert RegistrationRequest.objects.values().get() == before


# ── who may decide ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("status", sorted(set(Status) - RegistrationRequest.OPEN - {Status.DRAFT}))
def test_only_what_waits_for_a_clerk_can_be_decided(desk: Client, status: str) -> None:
    row = make_request(1, status)
    assert "documents_seen" not in text(desk.get(record(row)))
    for decision, answers in (
        ("activate", {"documents_seen": "1", "no_code": "no_signal"}),
        ("reject", {"reason": "mobile", "details": ""}),
    ):
        assert desk.post(f"{LIST}{row.pk}/{decision}/", answers).headers["Location"] == record(row)
        assert "این درخواست پیش‌تر بررسی شده است" in text(desk.get(record(row)))
    row.refresh_from_db()
    assert row.status == status
    assert not Message.objects.exists()


def test_who_may_only_look_cannot_decide(client: Client) -> None:
    reader = helpers.make_account(502, is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_registrationrequest"))
    client.force_login(reader)
    row = make_request(1)
    assert "documents_seen" not in text(client.get(record(row)))
    for decision in ("activate", "reject"):
        assert (
            client.post(
                f"{LIST}{row.pk}/{decision}/", {"documents_seen": "1", "no_code": "no_signal", "reason": "mobile"}
            ).status_code
            == 403
        )
    row.refresh_from_db()
    assert row.status == Status.BRANCH


def test_staff_without_permissions_see_no_request(client: Client) -> None:
    client.force_login(helpers.make_account(503, is_staff=True))
    row = make_request(1)
    assert client.get(DESK).context["tiles"] == []
    for address in (LIST, record(row)):
        assert client.get(address).status_code == 403
    assert client.post(f"{LIST}find/", {"q": row.national_code}).status_code == 403
    assert not row.events.exists()


def test_a_permission_that_is_taken_away_ends_at_the_next_click(desk: Client, clerk: User) -> None:
    row = make_request(1)
    assert desk.get(record(row)).status_code == 200
    clerk.groups.clear()
    assert desk.get(record(row)).status_code == 403
    clerk.is_staff = False
    clerk.save()
    assert desk.get(LIST).headers["Location"].startswith("/desk/login/")


def test_citizens_and_strangers_are_sent_to_the_sign_in_of_the_desk(client: Client) -> None:
    row = make_request(1)
    for _ in range(2):
        for address in (DESK, LIST, record(row), f"{LIST}{row.pk}/reject/"):
            assert client.get(address).headers["Location"].startswith("/desk/login/?next=")
        citizen = User.objects.first() or helpers.make_account(504)
        client.force_login(citizen)
    page = text(client.get("/desk/login/"))
    assert "به میز کار شعبه دسترسی ندارد" in page
    assert citizen.national_code not in page


def test_decisions_are_posts_with_a_token(clerk: User) -> None:
    row = make_request(1)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clerk)
    assert strict.get(f"{LIST}{row.pk}/activate/").status_code == 405
    for decision in ("activate", "reject"):
        assert (
            strict.post(
                f"{LIST}{row.pk}/{decision}/", {"documents_seen": "1", "no_code": "no_signal", "reason": "mobile"}
            ).status_code
            == 403
        )
    row.refresh_from_db()
    assert row.status == Status.BRANCH


@pytest.mark.django_db(transaction=True)
def test_of_many_clerks_at_one_moment_one_decides(clerk: User, new_client: NewClient) -> None:
    row = make_request(1, Status.MISMATCH)
    desks = [new_client() for _ in range(6)]
    for desk in desks:
        desk.force_login(clerk)
    numbers, lock = count(), Lock()

    def decide() -> int:
        with lock:
            number = next(numbers)
        decision = (
            ("activate", {"documents_seen": "1", "no_code": "no_signal", "documents": "passport"})
            if number % 2
            else ("reject", {"reason": "mobile", "details": ""})
        )
        status: int = desks[number].post(f"{LIST}{row.pk}/{decision[0]}/", decision[1]).status_code
        return status

    assert together(decide, len(desks)) == [302] * len(desks)
    row.refresh_from_db()
    assert row.events.filter(to_status=row.status).count() == 1
    assert row.events.exclude(to_status="").count() == 1
    assert Message.objects.filter(purpose=Message.Purpose.DESK_DECISION).count() == 1
    assert User.objects.filter(national_code=row.national_code).exists() == (row.status == Status.ACTIVATED)


# ── signing in, roles, the other lists ────────────────────────────────────────────────────────────────────────────────
def test_clerks_sign_in_with_any_digits_and_come_to_where_they_wanted(client: Client, clerk: User) -> None:
    client.get(LIST)
    before = client.session.session_key
    typed = f"{clerk.national_code[:5]}\u200f {clerk.national_code[5:]}".translate(PERSIAN)
    sent = client.post("/desk/login/", {"username": typed, "password": helpers.PASSWORD, "next": LIST})
    assert sent.headers["Location"] == LIST
    assert client.session.session_key != before
    assert client.get("/desk/login/").headers["Location"] == DESK
    out = client.post("/desk/logout/")
    assert out.headers["Location"] == "/desk/login/"
    assert out.headers["Clear-Site-Data"] == '"cache", "storage"'  # the next at this computer finds no page by "back"
    assert client.get(LIST).status_code == 302


def test_the_sign_in_says_the_same_whatever_was_wrong_and_leads_nowhere_else(client: Client, clerk: User) -> None:
    citizen = helpers.make_account(505)
    for username, password in (
        (clerk.national_code, helpers.WRONG),
        (citizen.national_code, helpers.PASSWORD),
        (national_code(999), helpers.PASSWORD),
        ("abc", "x"),
    ):
        page = client.post("/desk/login/", {"username": username, "password": password})
        assert page.status_code == 200
        assert "کد ملی یا گذرواژه درست نیست" in text(page)
    elsewhere = {"username": clerk.national_code, "password": helpers.PASSWORD, "next": "https://example.com/"}
    assert client.post("/desk/login/", elsewhere).headers["Location"] == DESK


def test_clerks_read_branches_and_the_head_office_changes_them(desk: Client, new_client: NewClient) -> None:
    branch = Branch.objects.create(code="1", name="شعبهٔ یک تهران", province="تهران", city="تهران")
    address = f"/desk/accounts/branch/{branch.pk}/change/"
    changed = {"code": "1", "name": "شعبهٔ دو", "province": "تهران", "city": "تهران", "address": "", "phone": ""}
    assert "شعبهٔ یک تهران" in text(desk.get("/desk/accounts/branch/"))
    assert desk.get(address).status_code == 200
    assert desk.post(address, changed).status_code == 403
    operator = new_client()
    operator.force_login(member(506, roles.HEAD_OFFICE))
    assert operator.post(address, changed).status_code == 302
    branch.refresh_from_db()
    assert branch.name == "شعبهٔ دو"
    assert operator.post(f"/desk/accounts/branch/{branch.pk}/delete/", {"post": "yes"}).status_code == 403


def test_no_page_of_the_desk_needs_inline_code(desk: Client) -> None:
    row = make_request(1)
    branch = Branch.objects.create(code="1", name="شعبهٔ یک", province="تهران", city="تهران")
    addresses = [DESK, LIST, record(row), f"{LIST}{row.pk}/reject/", "/desk/accounts/branch/"]
    addresses += [f"/desk/accounts/branch/{branch.pk}/change/", "/desk/accounts/securityquestion/"]
    for page in [*map(desk.get, addresses), Client().get("/desk/login/")]:
        assert page.status_code == 200
        source = text(page)
        assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", source)
        assert '<html lang="fa" dir="rtl">' in source
        assert source.count("<h1") == 1


def test_texts_that_the_admin_has_in_english_only_are_persian_here(desk: Client) -> None:
    branch = Branch.objects.create(code="1", name="شعبهٔ یک", province="تهران", city="تهران")
    User.objects.update(is_superuser=True)
    desk.force_login(User.objects.get())  # another right is another session
    page = text(desk.post(f"/desk/accounts/branch/{branch.pk}/change/", {"code": "1"}))
    for english, persian in (
        ("Breadcrumbs", "مسیر صفحه"),
        ("Please correct the errors below", "خطاهای زیر را برطرف کنید"),
    ):
        assert english not in page
        assert persian in page


@pytest.mark.parametrize("question", ["?city__in=%00", "?province__gt=x", "?city__exact=%00", "?branch__id=1"])
def test_no_list_is_filtered_by_a_column(client: Client, question: str) -> None:
    client.force_login(helpers.make_account(507, is_staff=True, is_superuser=True))
    for address in (LIST, "/desk/accounts/branch/", "/desk/accounts/securityquestion/"):
        assert client.get(address + question).status_code == 400, address
