"""The second factor of staff: what the operator gives out, what it costs, and being without it."""

import re
from collections.abc import Callable

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import StaffFactor, User
from accounts.sign_in import totp
from tests.accounts import helpers
from tests.registration.desk.factor import WRONG, App, at_the_desk, give_code, give_password, printed, set_up_app
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


# ── the operator's command ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_new_app_voids_the_old_one_and_ends_the_desks_sessions(client: Client, clerk: User, app: App) -> None:
    give_password(client, clerk)
    give_code(client, app(0))
    new = set_up_app(clerk)
    page = text(client.get(DESK, follow=True))
    assert "برنامهٔ رمزساز شما از نو تنظیم شده است" in page
    give_password(client, clerk)
    assert WRONG in text(give_code(client, app(1)))
    assert give_code(client, new(0)).status_code == 302


def test_the_secret_is_given_out_once_and_rests_nowhere(clerk: User) -> None:
    shown = printed(clerk)
    found = re.search(r"otpauth://totp/localhost:desk%20[0-9]{4}\?secret=([A-Z2-7]{32})&issuer=localhost", shown)
    assert found
    assert f"{found[1][:4]} {found[1][4:8]} " in shown
    assert clerk.national_code not in shown
    with pytest.raises(totp.AlreadyGivenError):
        totp.give(clerk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT factor::text FROM accounts_stafffactor AS factor")
        [(row,)] = cursor.fetchall()
    assert bytes(StaffFactor.objects.get().nonce).hex() in row
    assert all(seed.hex() not in row for seed in totp._seeds(StaffFactor.objects.get()))
    assert found[1] not in row
    assert found[1] not in printed(clerk)


def test_a_copied_nonce_is_worth_nothing(clerk: User, app: App) -> None:
    thief = helpers.make_account(501, is_staff=True)
    copy = StaffFactor.objects.create(user=thief, nonce=StaffFactor.objects.get(user=clerk).nonce)
    assert totp.secret(copy) != totp.secret(clerk.factor)


@pytest.mark.parametrize("national_code", ["citizen", "0000000000", "x"])
def test_only_staff_get_one(national_code: str) -> None:
    citizen = helpers.make_account(7)
    with pytest.raises(CommandError, match="No member of the staff"):
        call_command("staff", "reset-factor", citizen.national_code if national_code == "citizen" else national_code)
    assert not StaffFactor.objects.exists()


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
