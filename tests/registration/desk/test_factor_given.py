"""The second factor of staff: its secret, what it costs, and being without it."""

import re
from collections.abc import Callable

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import StaffFactor, User
from accounts.sign_in import totp
from tests.accounts import helpers
from tests.registration.desk.factor import WRONG, App, at_the_desk, give_code, give_password, set_up_app
from tests.registration.desk.pages import DESK, LIST
from tests.registration.wizard.walking import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("factor_required", "clock")]

NewClient = Callable[[], Client]


def test_the_codes_are_those_of_the_standard(
    client: Client, clerk: User, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 6238, appendix B, SHA-1; the last six of its eight digits."""
    set_up_app(clerk)
    monkeypatch.setattr(totp, "_seeds", lambda factor: [b"12345678901234567890"])
    for moment, code in (
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_234_567_890, "005924"),
        (20_000_000_000, "353130"),
    ):
        clock.move_to(moment, tick=False)
        assert totp.use(clerk, "000000", "192.0.2.1") is None
        assert totp.use(clerk, code, "192.0.2.1") is not None


def test_a_new_app_voids_the_old_one_and_ends_the_desks_sessions(client: Client, clerk: User, app: App) -> None:
    give_password(client, clerk)
    give_code(client, app(0))
    new = set_up_app(clerk)
    page = text(client.get(DESK, follow=True))
    assert "برنامهٔ رمزساز شما از نو تنظیم شده است" in page
    give_password(client, clerk)
    assert WRONG in text(give_code(client, app(1)))
    assert give_code(client, new(0)).status_code == 302


def test_the_secret_rests_nowhere(clerk: User) -> None:
    factor = totp.give(clerk)
    assert re.fullmatch(
        r"otpauth://totp/localhost:desk%20[0-9]{4}\?secret=[A-Z2-7]{32}&issuer=localhost&.*", totp.uri(factor)
    )
    assert clerk.national_code not in totp.uri(factor)
    with pytest.raises(totp.AlreadyGivenError):
        totp.give(clerk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT factor::text FROM accounts_stafffactor AS factor")
        [(row,)] = cursor.fetchall()
    assert bytes(StaffFactor.objects.get().nonce).hex() in row
    assert totp._seeds(StaffFactor.objects.get())[0].hex() not in row
    assert totp.secret(factor) not in row
    assert totp.secret(totp.give(clerk, anew=True)) != totp.secret(factor)


def test_a_copied_nonce_is_worth_nothing(clerk: User, app: App) -> None:
    thief = helpers.make_account(501, is_staff=True)
    copy = StaffFactor.objects.create(user=thief, nonce=StaffFactor.objects.get(user=clerk).nonce)
    assert totp.secret(copy) != totp.secret(clerk.factor)


# ── what it costs, and being without it ───────────────────────────────────────────────────────────────────────────────
def test_the_mark_costs_one_statement(client: Client, clerk: User, app: App, settings: Settings) -> None:
    give_password(client, clerk)
    give_code(client, app(0))
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(LIST).status_code == 200
    assert sum("accounts_stafffactor" in query["sql"] for query in queries) == 1


def test_switched_off_the_password_is_enough_until_it_is_switched_on(
    client: Client, clerk: User, settings: Settings
) -> None:
    settings.STAFF_SECOND_FACTOR = "off"
    assert give_password(client, clerk).headers["Location"] == DESK
    assert at_the_desk(client)
    settings.STAFF_SECOND_FACTOR = "required"
    assert not at_the_desk(client)
