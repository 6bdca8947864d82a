"""The one gate of every sign-in: what it counts, what it costs, and that the desk passes it as well."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.contrib.auth.forms import AuthenticationForm
from django.db import connections
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.models import User
from accounts.sign_in import gate
from infra import security_log
from infra.limits import LimitReached
from tests.accounts.helpers import (
    PASSWORD,
    WRONG,
    age_limits,
    make_account,
    signed_in,
)
from tests.accounts.helpers import sign_in as sign_in_somewhere
from tests.people import national_code

pytestmark = pytest.mark.django_db

sign_in = partial(sign_in_somewhere, known=False)  # in browsers that no account knows


def test_an_unknown_code_costs_the_same_work(client: Client, hashes: list[str]) -> None:
    user = make_account()
    hashes.clear()
    sign_in(client, user, WRONG)
    assert hashes == ["verify"]
    for code in (national_code(2), "12", "abc"):
        hashes.clear()
        sign_in(client, code, WRONG)
        assert hashes == ["encode"]


@pytest.mark.parametrize("exists", [True, False])
def test_the_sixth_try_is_refused_before_anything_is_hashed(client: Client, hashes: list[str], exists: bool) -> None:
    code = make_account().national_code if exists else national_code(2)
    hashes.clear()
    for n in range(5):
        assert sign_in(client, code, WRONG, address=f"192.0.2.{n}").status_code == 200
    response = sign_in(client, code, PASSWORD, address="198.51.100.1")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "60"
    assert len(hashes) == 5
    assert not signed_in(client)


def test_digits_of_another_alphabet_are_no_way_around_the_limit(client: Client) -> None:
    user = make_account()
    for n in range(5):
        sign_in(client, user, WRONG, address=f"192.0.2.{n}")
    persian_digits = user.national_code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert sign_in(client, f" {persian_digits}\u200f", PASSWORD).status_code == 429


def test_after_the_wait_the_right_password_opens(client: Client) -> None:
    user = make_account()
    for _ in range(5):
        sign_in(client, user, WRONG)
    age_limits(61)
    assert sign_in(client, user).status_code == 302


def test_ten_failures_wait_a_quarter_of_an_hour_twenty_an_hour(client: Client) -> None:
    user = make_account()
    waits = []
    for _ in range(4):
        for n in range(5):
            assert sign_in(client, user, WRONG, address=f"192.0.2.{n}").status_code == 200
        waits.append(int(sign_in(client, user, WRONG).headers["Retry-After"]))
        age_limits(waits[-1])
    assert waits == [60, 900 - 60, 60, 3600 - 60 - 840 - 60]  # from the first, the first, the sixth and the first one


def test_success_starts_the_count_of_the_code_anew(client: Client) -> None:
    user = make_account()
    for _ in range(3):
        for _ in range(4):
            assert sign_in(client, user, WRONG).status_code == 200
        assert sign_in(client, user).status_code == 302


def test_thirty_failures_from_one_address_are_the_last(client: Client) -> None:
    user = make_account()
    for n in range(30):
        assert gate.prove(national_code(100 + n), WRONG, "2001:db8::1") is None
    assert sign_in(client, user, address="2001:db8::2").status_code == 429  # the same /64 network
    assert sign_in(client, user, address="2001:db8:0:1::1").status_code == 302


def test_many_people_of_one_household_or_office_do_not_use_the_limit_up(client: Client, settings: Settings) -> None:
    settings.LIMIT_SIGN_IN_PER_IP = [(3, 300)]
    user = make_account()
    for _ in range(6):
        assert sign_in(client, user).status_code == 302


def test_a_refused_address_does_not_lock_a_code(client: Client, settings: Settings) -> None:
    settings.LIMIT_SIGN_IN_PER_IP = [(2, 300)]
    user = make_account()
    for _ in range(20):
        sign_in(client, user, WRONG, address="192.0.2.1")
    assert sign_in(client, user, address="192.0.2.2").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_sixty_guesses_at_once_are_five_guesses(hashes: list[str]) -> None:
    user = make_account()
    hashes.clear()

    def guess(n: int) -> int:
        try:
            return int(sign_in(Client(), user, f"{WRONG}{n}", address=f"192.0.2.{n}").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(guess, range(60)))
    assert sorted(answers) == [200] * 5 + [429] * 55
    assert len(hashes) == 5
    assert sign_in(Client(), user).status_code == 429


def test_without_redis_failures_count_in_rows(client: Client, hashes: list[str], redis_away: None) -> None:
    user = make_account()
    hashes.clear()
    for _ in range(4):
        assert sign_in(client, user, WRONG).status_code == 200
    assert sign_in(client, user).status_code == 302
    for n in range(5):
        assert sign_in(client, user, WRONG, address=f"192.0.2.{n}").status_code == 200
    assert sign_in(client, user, address="192.0.2.9").status_code == 429
    assert len(hashes) == 10


def desk_form(user: User, password: str, address: str = "192.0.2.1") -> AuthenticationForm:
    request = RequestFactory().post("/desk/login/", REMOTE_ADDR=address)
    return AuthenticationForm(request, data={"username": user.national_code, "password": password})


def test_what_is_tried_on_the_citizens_page_leaves_the_desk_alone(client: Client) -> None:
    clerk = make_account(is_staff=True)
    for _ in range(5):
        sign_in(client, clerk, WRONG)
    for number in range(25):
        sign_in(client, national_code(100 + number), WRONG)
    assert sign_in(client, clerk).status_code == 429
    assert desk_form(clerk, PASSWORD).is_valid()


def test_the_desk_passes_the_same_gate(client: Client) -> None:
    clerk = make_account(is_staff=True)
    assert desk_form(clerk, PASSWORD).is_valid()
    for _ in range(5):
        assert not desk_form(clerk, WRONG).is_valid()
    with pytest.raises(LimitReached):
        desk_form(clerk, PASSWORD).is_valid()
    assert sign_in(client, clerk).status_code == 302, "the citizens' page, which leads to the desk"


def test_the_desk_lets_no_inactive_account_in() -> None:
    assert not desk_form(make_account(is_staff=True, is_active=False), PASSWORD).is_valid()


def test_the_backend_ignores_what_is_not_a_password() -> None:
    backend = gate.NationalCodeBackend()
    user = make_account()
    assert backend.authenticate(None, token="abc") is None
    assert backend.authenticate(None, username=user.national_code, password=None) is None
    assert backend.authenticate(None, username=user.national_code, password="") is None
    assert backend.authenticate(None, national_code=user.national_code, password=PASSWORD) == user


def test_an_account_without_a_usable_password_is_never_opened(client: Client, hashes: list[str]) -> None:
    user = make_account()
    for stored in ("", "!", "!abcdef", "unknown$1$2"):
        User.objects.filter(pk=user.pk).update(password=stored)
        hashes.clear()
        assert sign_in(client, user, stored or WRONG).status_code == 200
        assert hashes == ["encode"]
        assert not signed_in(client)


def test_the_log_names_no_person(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    user = make_account()
    with caplog.at_level("DEBUG"):
        sign_in(client, user, WRONG)
        sign_in(client, national_code(2), WRONG)
        sign_in(client, user)
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert f"account={security_log.fingerprint('account', user.national_code)}" in ours
    for secret in (user.national_code, national_code(2), PASSWORD, WRONG, user.mobile):
        assert secret not in ours
