"""The citizens' page for signing in: what it answers to the right, the wrong and the absurd."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from tests.accounts.helpers import (
    LOGIN,
    PASSWORD,
    PROFILE,
    WRONG,
    know_device,
    make_account,
    persian,
    sign_in,
    signed_in,
    text,
)
from tests.people import national_code

pytestmark = pytest.mark.django_db

NOT_RIGHT = "The national code or the password is not right"
NOT_YET_ACTIVE = "Your account is not active yet. Please go to the nearest branch with your identity documents."
DISABLED = "Your account is disabled. Please go to the nearest branch with your identity documents."


def test_opening_the_page_writes_nothing(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, settings: Settings
) -> None:
    with django_assert_num_queries(0):
        response = client.get(LOGIN)
    assert response.status_code == 200
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert "no-store" in response.headers["Cache-Control"]


def test_signing_in_leads_to_the_profile(client: Client) -> None:
    response = sign_in(client, make_account())
    assert (response.status_code, response.headers["Location"]) == (302, PROFILE)
    assert signed_in(client)


@pytest.mark.parametrize(
    "written", ["۰۰۱۹۹۹۰۰۱{}", "٠٠١٩٩٩٠٠١{}", " 001-999001-{} ", "\u202a001\u00a0999\u200f001\u200c{}\u202c"]
)
def test_a_national_code_in_any_digits_and_marks(client: Client, written: str) -> None:
    user = make_account(1)
    know_device(client, user)
    assert user.national_code[:9] == "001999001"
    sign_in(client, written.format(user.national_code[9]))
    assert signed_in(client)


def without_secrets(page: str, *typed: str) -> str:
    page = re.sub('(name="csrfmiddlewaretoken" value=)"[^"]+"', "", page)
    for part in typed:
        page = page.replace(part, "")
    return page


def test_every_failure_has_the_same_answer(client: Client) -> None:
    active, inactive = make_account(1), make_account(2, is_active=False, activated_at=None)
    tries = [(active.national_code, WRONG), (inactive.national_code, WRONG), (national_code(3), PASSWORD)]
    tries += [("1234567890", PASSWORD), ("12", PASSWORD), ("abc", PASSWORD), (active.national_code, f"{PASSWORD} ")]
    pages = set()
    for code, password in tries:
        response = sign_in(client, code, password)
        assert response.status_code == 200
        assert persian(NOT_RIGHT) in text(response)
        assert password not in text(response)
        pages.add(without_secrets(text(response), f'value="{code}"'))
    assert len(pages) == 1


def test_who_is_not_active_is_told_only_with_the_right_password(client: Client) -> None:
    waiting = make_account(1, is_active=False, activated_at=None)
    response = sign_in(client, waiting)
    assert response.status_code == 200
    assert persian(NOT_YET_ACTIVE) in text(response)
    assert persian(NOT_RIGHT) not in text(response)
    assert not signed_in(client)
    assert persian(NOT_YET_ACTIVE) not in text(sign_in(client, waiting, WRONG))


def test_a_disabled_account_is_told_apart_from_a_new_one(client: Client) -> None:
    response = sign_in(client, make_account(is_active=False))
    assert persian(DISABLED) in text(response)
    assert not signed_in(client)


def test_empty_fields_have_their_own_messages_and_count_nowhere(client: Client, hashes: list[str]) -> None:
    user = make_account()
    hashes.clear()
    for code, password, message in (
        ("", PASSWORD, "Enter your national code"),
        ("\u200f - ", PASSWORD, "Enter your national code"),
        (user.national_code, "", "Enter the password"),
    ):
        for _ in range(6):
            response = sign_in(client, code, password)
        assert response.status_code == 200
        assert persian(message) in text(response)
    assert hashes == []
    assert sign_in(client, user).status_code == 302


@pytest.mark.parametrize(
    ("code", "password"),
    [
        ("\0", WRONG),
        ("0019990011\0", WRONG),
        ("0019990011", "\0"),
        ("0019990011", "گذرواژه\u202e"),
        ("9" * 20_000, WRONG),
        ("0019990011", "x" * 20_000),
        ("\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), WRONG),
        ("<script>alert(1)</script>", "<script>"),
        ("' OR 1=1 --", "%s"),
    ],
)
def test_nonsense_is_simply_not_right(client: Client, code: str, password: str) -> None:
    response = sign_in(client, code, password)
    assert response.status_code == 200
    assert persian(NOT_RIGHT) in text(response)
    assert "<script>alert" not in response.content.decode()


def test_bodies_that_no_browser_sends_are_refused(client: Client) -> None:
    form = "application/x-www-form-urlencoded"
    good = f"national_code={national_code(1)}&password={PASSWORD}"
    bodies = [
        f"{good}&password=other",
        f"{good}&next=/&next=//evil.example",
        f"national_code={'9' * 1_000_000}",
        "&".join(f"a{n}=1" for n in range(61)),
    ]
    for body in bodies:
        assert client.post(LOGIN, body, content_type=form).status_code == 400
    for body in ("%ff%fe=%ff", "national_code=%ed%a0%80&password=%ed%a0%80", "=", "national_code", ""):
        assert client.post(LOGIN, body, content_type=form).status_code == 200
    assert client.post(LOGIN, b"{}", content_type="application/json").status_code == 200


def test_other_methods_are_refused(client: Client) -> None:
    assert client.put(LOGIN).status_code == 405
    assert client.delete(LOGIN).status_code == 405
    assert client.head(LOGIN).status_code == 200


def test_a_form_from_elsewhere_is_refused() -> None:
    assert sign_in(Client(enforce_csrf_checks=True), make_account()).status_code == 403


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example/",
        "https://evil.example/",
        "http:///evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        " //evil.example",
        "\t//evil.example",
        "http://[::1",
        "http://testserver@evil.example/",
        "http://testserver.evil.example/",
        "/" + "a" * 30_000,
        "\0",
        "",
    ],
)
def test_next_leads_nowhere_else(client: Client, elsewhere: str) -> None:
    assert "evil" not in text(client.get(LOGIN, {"next": elsewhere}))
    response = sign_in(client, make_account(), next=elsewhere)
    assert (response.status_code, response.headers["Location"]) == (302, PROFILE)


def test_next_leads_back_to_the_page_that_asked(client: Client) -> None:
    asked = client.get("/accounts/profile/password/")
    page = client.get(asked.headers["Location"])
    assert '<input type="hidden" name="next" value="/accounts/profile/password/">' in text(page)
    response = sign_in(client, make_account(), next="/accounts/profile/password/")
    assert response.headers["Location"] == "/accounts/profile/password/"


def test_next_survives_a_wrong_password(client: Client) -> None:
    page = sign_in(client, make_account(), WRONG, next="/accounts/profile/password/")
    assert '<input type="hidden" name="next" value="/accounts/profile/password/">' in text(page)


def test_who_is_signed_in_needs_no_form(client: Client) -> None:
    sign_in(client, make_account())
    response = client.get(LOGIN, {"next": LOGIN})
    assert (response.status_code, response.headers["Location"]) == (302, PROFILE)
