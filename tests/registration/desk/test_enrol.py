"""The enrolment: what opens it and what does not, whose password is asked, and what the person takes away."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import segno
from django.db.models import F
from django.test import Client

from accounts import protection
from accounts.errands import closing
from accounts.models import StaffEnrolment, StaffEvent, StaffFactor, StaffRecoveryCode, User
from accounts.sign_in import totp
from accounts.staff import enrolment, members
from accounts.staff.events import Refused, note
from registration.desk import enrol as pages
from registration.desk import roles
from tests.accounts import helpers
from tests.accounts.errands.at_the_desk import errand
from tests.people import national_code
from tests.registration.desk.enrolling import (
    APP_PAGE,
    ENROL,
    PASSWORD_PAGE,
    app_shown,
    begin,
    finish,
    give_password,
    recovery_codes,
    secret_shown,
)
from tests.registration.desk.factor import at_the_desk, give_code
from tests.registration.desk.factor import give_password as sign_in_password
from tests.registration.desk.members import member
from tests.registration.desk.pages import PERSIAN
from tests.registration.wizard.walking import text
from tests.threads import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("factor_required", "clock")]

NewClient = Callable[[], Client]
WRONG = "کد ملی یا کد راه‌اندازی درست نیست"


@pytest.fixture
def invited() -> enrolment.Issued:
    role = roles.group(roles.AUDITOR)
    return members.invite(national_code(811), role=role, branch=None, first_name="مینا", last_name="کارگر")


def test_who_is_invited_comes_to_the_desk(client: Client, invited: enrolment.Issued) -> None:
    user, code = invited.user, invited.in_fours().translate(PERSIAN)
    assert begin(client, user, code).headers["Location"] == PASSWORD_PAGE
    page = text(client.get(PASSWORD_PAGE))
    assert "مینا کارگر" in page
    assert "دست‌کم ۸ نویسه" in page
    weak = text(client.post(PASSWORD_PAGE, {"password1": "mina1404", "password2": "x"}))
    assert "حرف بزرگ" in weak
    assert "mina1404" not in weak
    assert give_password(client).headers["Location"] == APP_PAGE
    app = app_shown(client)
    assert "کد درست نیست" in text(finish(client, f"{(int(app(0)) + 1) % 10**6:06}"))
    assert not at_the_desk(client)

    done = finish(client, app(0))

    codes = recovery_codes(done)
    assert len(set(codes)) == 10
    assert not at_the_desk(client)  # sign-in follows
    assert "راه‌اندازی پایان یافته است" in text(client.get(APP_PAGE, follow=True))  # "back" says so
    sign_in_password(client, user)
    assert give_code(client, app(0)).status_code == 200  # it was used by the enrolment
    assert give_code(client, app(1)).status_code == 302
    assert at_the_desk(client)
    assert begin(client, user, invited.code).status_code == 200  # never twice


def test_the_secret_is_for_one_browser_and_rests_nowhere(
    client: Client, new_client: NewClient, invited: enrolment.Issued
) -> None:
    other = new_client()
    begin(client, invited.user, invited.code)
    give_password(client)
    seen = secret_shown(client)
    assert secret_shown(client) == seen  # a reload
    begin(other, invited.user, invited.code)
    assert client.get(APP_PAGE).headers["Location"] == ENROL
    assert "در جای دیگری آغاز شده" in text(client.get(ENROL))
    give_password(other)
    app = app_shown(other)
    assert secret_shown(other) != seen
    rows = f"{StaffEnrolment.objects.values()}{other.session.items()}"
    assert secret_shown(other).replace(" ", "") not in rows
    codes = recovery_codes(finish(other, app(0)))
    kept = str(StaffRecoveryCode.objects.values())
    assert not [code for code in codes if code.replace(" ", "") in kept]


def test_the_pages_come_in_their_order(client: Client, invited: enrolment.Issued) -> None:
    for address in (PASSWORD_PAGE, APP_PAGE):
        assert client.get(address).headers["Location"] == ENROL
    begin(client, invited.user, invited.code)
    assert client.get(APP_PAGE).headers["Location"] == PASSWORD_PAGE
    assert finish(client, "123456").headers["Location"] == PASSWORD_PAGE
    give_password(client)
    assert client.get(PASSWORD_PAGE).headers["Location"] == APP_PAGE


def test_the_code_alone_takes_over_no_account(client: Client) -> None:
    """Whoever invites a citizen, or resets a clerk's app, has the code, and does not know the password."""
    citizen, clerk = helpers.make_account(7), member(8, roles.CLERK)
    role = roles.group(roles.AUDITOR)
    for issued in (members.invite(citizen.national_code, role=role, branch=None), members.reset_factor(clerk)):
        begin(client, issued.user, issued.code)
        refused = client.post(PASSWORD_PAGE, {"password1": "Badbadak%45", "password2": "Badbadak%45", "password": "x"})
        assert "گذرواژه درست نیست" in text(refused)
        assert client.get(APP_PAGE).headers["Location"] == PASSWORD_PAGE
        assert give_password(client).status_code == 302
        assert recovery_codes(finish(client, app_shown(client)(0)))


def test_a_citizen_without_a_password_is_not_invited(clerk: User) -> None:
    """The code alone would set one: a supervisor could have closed the account, and opened it again, for this."""
    citizen, former = helpers.make_account(7), member(8, roles.CLERK, is_staff=False)
    note(former, StaffEvent.Kind.ADDED, by=clerk)
    for user in (citizen, former):
        closing.close_by_wish(user.pk, errand(user))
        closing.reopen(user.pk, errand(user))
    with pytest.raises(Refused, match="گذرواژه ندارد"):
        members.invite(citizen.national_code, role=roles.group(roles.CLERK), branch=None, by=clerk)
    with pytest.raises(Refused, match="گذرواژه ندارد"):
        members.reactivate(former, by=clerk)
    assert not StaffEnrolment.objects.exists()
    assert members.reactivate(former)  # an operator on a terminal may


def test_a_change_of_what_protects_the_account_voids_the_code(client: Client) -> None:
    citizen = helpers.make_account(7)
    issued = members.invite(citizen.national_code, role=roles.group(roles.CLERK), branch=None)
    with protection.change(User.objects.get(pk=citizen.pk), mobile="+989970077777"):
        pass
    assert WRONG in text(begin(client, citizen, issued.code))
    assert not StaffEnrolment.objects.exists()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "کد راه‌اندازی را وارد کنید"),
        ({"code": "1234"}, "کد راه‌اندازی ۱۲ رقم دارد"),
        ({"code": "1" * 400}, "کد راه‌اندازی ۱۲ رقم دارد"),
        ({"code": "123456789012"}, WRONG),
        ({"national_code": "abc", "code": "123456789012"}, WRONG),
        ({"national_code": "\x00", "code": "123456789012"}, WRONG),
    ],
)
def test_what_opens_nothing_is_told(
    client: Client, invited: enrolment.Issued, fields: dict[str, str], told: str
) -> None:
    page = client.post(ENROL, {"national_code": invited.user.national_code, **fields})
    assert page.status_code == 200
    assert told in text(page)


def test_a_code_is_good_for_72_hours_and_ten_tries(client: Client, clerk: User) -> None:
    old = members.reset_factor(clerk)
    StaffEnrolment.objects.update(expires_at=F("expires_at") - timedelta(hours=72, seconds=1))
    assert "مهلت این کد راه‌اندازی گذشته است" in text(begin(client, clerk, old.code))
    issued = members.new_code(clerk)
    wrong = f"{(int(issued.code) + 1) % 10**12:012}"
    for number in range(10):
        if number == 5:
            helpers.clear_limits()
        assert WRONG in text(begin(client, clerk, wrong))
    helpers.clear_limits()
    assert WRONG in text(begin(client, clerk, issued.code))
    assert StaffEnrolment.objects.get().attempts == 10


def test_guessing_has_the_limits_of_passwords(client: Client, clerk: User) -> None:
    issued = members.reset_factor(clerk)
    for _ in range(5):
        begin(client, clerk, "0" * 12)
    assert begin(client, clerk, issued.code).status_code == 429
    assert begin(client, helpers.make_account(9), "0" * 12).status_code == 200  # of others it says nothing
    helpers.age_limits(61)
    assert begin(client, clerk, issued.code).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_many_tries_at_one_moment_ten_count_and_of_two_who_finish_one_does(new_client: NewClient) -> None:
    clerk = member(500, roles.CLERK)
    issued = members.reset_factor(clerk)
    begun = enrolment.begin(clerk.national_code, issued.code, "192.0.2.1")
    assert begun
    code = totp_now(begun)

    def end() -> str:
        try:
            return "done" if enrolment.finish(begun, code, "192.0.2.1") else "wrong"
        except enrolment.Gone:
            return "gone"

    assert sorted(map(str, together(end, 4))) == ["done", "gone", "gone", "gone"]
    assert StaffFactor.objects.count() == 1
    assert StaffRecoveryCode.objects.count() == 10


def totp_now(row: StaffEnrolment) -> str:
    factor = enrolment.app_secret(row)
    return next(f"{n:06}" for n in range(10**6) if totp._step_of(factor, f"{n:06}") is not None)


@pytest.mark.parametrize("change", ["late", "withdrawn", "closed", "registered"])
def test_what_was_begun_ends_with_what_it_stands_on(client: Client, invited: enrolment.Issued, change: str) -> None:
    begin(client, invited.user, invited.code)
    give_password(client)
    app = app_shown(client)
    if change == "late":
        StaffEnrolment.objects.update(expires_at=F("created_at"))
    elif change == "withdrawn":
        members.deactivate(invited.user)
    elif change == "closed":
        User.objects.update(activated_at=F("created_at"))
    else:  # a request of the same person waits at a branch: the account is theirs, and nobody has seen documents
        User.objects.update(mobile="+989970000811")
    assert finish(client, app(0)).headers["Location"] == ENROL
    assert not User.objects.filter(is_staff=True).exists()


def test_the_qr_code_is_the_one_of_the_library() -> None:
    """The path, drawn again, gives every module of the matrix."""
    uri = "otpauth://totp/localhost:desk%201234?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=localhost"
    drawn = pages.qr(uri)
    matrix = [bytes(row) for row in segno.make(uri, error="m", micro=False).matrix_iter(border=4)]
    dark = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", drawn["path"]):
        dark |= {(int(x) + step, int(y)) for step in range(int(length))}
    assert drawn["size"] == len(matrix)
    assert dark == {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}


def test_an_enrolment_needs_no_inline_code(client: Client, invited: enrolment.Issued) -> None:
    seen = [client.get(ENROL)]
    begin(client, invited.user, invited.code)
    seen.append(client.get(PASSWORD_PAGE))
    give_password(client)
    seen.append(client.get(APP_PAGE))
    for page in seen:
        assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", text(page))
        assert text(page).count("<h1") == 1
