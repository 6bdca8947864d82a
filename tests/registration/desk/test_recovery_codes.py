"""A recovery code stands in for the app's: once, for its owner alone, while its key is accepted; and new ones."""

import re
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from accounts.models import StaffFactor, StaffRecoveryCode, User
from accounts.sign_in import recovery_codes as spare_codes
from accounts.sign_in import totp
from accounts.staff import enrolment, members
from registration.desk import roles
from tests.people import national_code
from tests.registration.desk.enrolling import app_shown, begin, enrol, finish, give_password, recovery_codes
from tests.registration.desk.factor import at_the_desk, give_code
from tests.registration.desk.factor import give_password as sign_in_password
from tests.registration.desk.members import member
from tests.registration.desk.pages import PERSIAN
from tests.registration.wizard.walking import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("factor_required", "clock")]

NewClient = Callable[[], Client]


def test_a_recovery_code_opens_the_desk_once(
    client: Client, new_client: NewClient, clerk: User, clock: time_machine.Traveller
) -> None:
    issued = members.reset_factor(clerk)
    begin(client, clerk, issued.code)
    give_password(client)
    codes = recovery_codes(finish(client, app_shown(client)(0)))
    for browser, enters in ((client, True), (new_client(), False)):
        sign_in_password(browser, clerk)
        give_code(browser, codes[3].translate(PERSIAN))
        assert at_the_desk(browser) is enters
    sign_in_password(client, clerk)
    give_code(client, codes[4])
    assert "باقی‌مانده: ۸" in text(client.get("/desk/"))
    assert clerk.staff_events.filter(kind="recovery_used", actor=clerk).count() == 2
    members.reset_factor(clerk)
    assert not StaffRecoveryCode.objects.exists()


def test_a_recovery_code_is_its_owners(client: Client, clerk: User) -> None:
    other = member(9, roles.CLERK)
    codes = []
    for user in (clerk, other):
        issued = members.reset_factor(user)
        begin(client, user, issued.code)
        give_password(client)
        codes = recovery_codes(finish(client, app_shown(client)(0)))
    sign_in_password(client, clerk)
    give_code(client, codes[0])
    assert not at_the_desk(client)


def test_own_recovery_codes_are_made_anew(client: Client, clerk: User, caplog: pytest.LogCaptureFixture) -> None:
    app = enrol(client, clerk, members.new_code(clerk).code)
    sign_in_password(client, clerk)
    give_code(client, app(1))
    old = set(StaffRecoveryCode.objects.values_list("code_hash", flat=True))
    assert "۱۰ کد مانده است" in text(client.get("/desk/recovery-codes/"))
    codes = re.findall(r"([0-9]{5}) ([0-9]{5})", text(client.post("/desk/recovery-codes/")))
    assert len(codes) == 10
    assert not old & set(StaffRecoveryCode.objects.values_list("code_hash", flat=True))
    assert clerk.staff_events.latest("pk").kind == "recovery_made"
    assert spare_codes.use(clerk.factor, "".join(codes[0]))
    assert spare_codes.left(clerk) == 9
    for act in ("recovery_made", "recovery_used"):
        assert f"staff act={act} by=own " in caplog.text


def test_without_an_app_there_are_no_recovery_codes(desk: Client, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = "off"
    assert "برنامهٔ رمزساز ندارد" in text(desk.post("/desk/recovery-codes/"))


def test_codes_are_accepted_while_their_key_is(settings: Settings) -> None:
    role = roles.group(roles.AUDITOR)
    invited = members.invite(national_code(811), role=role, branch=None, first_name="مینا", last_name="کارگر")
    factor = StaffFactor.objects.create(user=invited.user, nonce=totp.KEY.new_nonce())
    first, second = spare_codes.make(factor)[:2]
    settings.FACTORS_KEY, settings.FACTORS_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    assert enrolment.begin(invited.user.national_code, invited.code, "192.0.2.1")
    assert spare_codes.use(factor, first)
    settings.SECRET_KEY, settings.FACTORS_KEY_FALLBACKS = "s" * 50, []
    assert enrolment.begin(invited.user.national_code, invited.code, "192.0.2.1") is None
    assert not spare_codes.use(factor, second)
