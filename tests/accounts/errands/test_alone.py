"""Who has changed an account's mobile does not start its recovery as well: both together are the account."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.errands import alone, codes, recovering
from accounts.models import AccountEvent, User
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from tests.accounts.errands.at_the_desk import clerk, errand, kinds
from tests.accounts.helpers import make_account
from tests.accounts.recovery.recovering import code_on_phone
from tests.clock import advance

pytestmark = pytest.mark.django_db
NEW = "+989970077777"


def change_mobile(user: User, by: User) -> None:
    challenge = codes.send_to_new_mobile(user.pk, errand(user, by=by), NEW, None)
    otp.confirm(challenge, code_on_phone(User(mobile=NEW)))
    codes.change_mobile(user.pk, errand(user, by=by), challenge)


def start(user: User, by: User) -> None:
    recovering.start_recovery(user.pk, errand(user, by=by))


@pytest.mark.parametrize(
    ("first", "second", "done"),
    [(change_mobile, start, ["code_sent", "mobile_changed"]), (start, change_mobile, ["recovery_started"])],
)
def test_one_person_does_not_do_both_and_a_colleague_does_the_other(
    first: Callable[[User, User], None], second: Callable[[User, User], None], done: list[str]
) -> None:
    user = make_account()
    first(user, clerk())
    with pytest.raises(alone.ColleagueNeeded) as needed:
        second(user, clerk())
    assert kinds(user) == done
    assert needed.value.done == done[-1]
    second(user, clerk(501))
    assert len(kinds(user)) == 3


@pytest.mark.parametrize(("days", "longer"), [(7, 8), (2, 3)])
def test_it_is_over_after_the_days_of_the_setting(settings: Settings, days: int, longer: int) -> None:
    settings.ACCOUNT_TWO_PERSONS_DAYS = days
    user = make_account()
    change_mobile(user, clerk())
    AccountEvent.objects.update(at=AccountEvent.objects.latest("pk").at - timedelta(days=days - 1))
    assert alone.other_half(user, clerk(), AccountEvent.Kind.RECOVERY_STARTED)
    AccountEvent.objects.update(at=AccountEvent.objects.latest("pk").at - timedelta(days=longer - days + 1))
    start(user, clerk())
    assert kinds(user)[-1] == "recovery_started"


def test_a_code_that_was_sent_before_changes_nothing_either() -> None:
    """Who begins with the number, and starts the recovery while the code is under way, is not faster than the rule."""
    user = make_account()
    challenge = codes.send_to_new_mobile(user.pk, errand(user), NEW, None)
    otp.confirm(challenge, code_on_phone(User(mobile=NEW)))
    start(user, clerk())
    with pytest.raises(alone.ColleagueNeeded):
        codes.change_mobile(user.pk, errand(user), challenge)
    user.refresh_from_db()
    assert user.mobile != NEW
    assert OtpChallenge.objects.get().consumed_at is None


def test_another_account_is_another_matter() -> None:
    user, other = make_account(1), make_account(2)
    change_mobile(user, clerk())
    advance(minutes=3)
    start(other, clerk())
    assert kinds(other) == ["recovery_started"]
