"""Who calls shows by a code that the account's mobile is in their hands; both outcomes stay, and no more follows."""

from typing import Any

import pytest

from accounts.errands import callers, codes, locking, scope
from accounts.errands.errand import ChangedMeanwhile, NotPossible
from accounts.models import AccountEvent, Branch, User
from infra.limits import LimitReached
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from tests.accounts.errands.at_the_desk import clerk, errand, kinds
from tests.accounts.helpers import make_account
from tests.accounts.recovery.recovering import code_on_phone, phone, wrong_code
from tests.clock import advance

pytestmark = pytest.mark.django_db


def sent(user: User, before: OtpChallenge | None = None) -> OtpChallenge:
    return callers.send_code(user.pk, errand(user), before)


def test_the_right_code_makes_a_caller_verified_for_a_while_and_for_this_clerk() -> None:
    user = make_account()
    challenge = sent(user)
    assert phone(user)[-1].startswith("کد تماس: ")
    assert callers.verified(user, clerk()) is None
    otp.confirm(challenge, code_on_phone(user))
    callers.verify(user.pk, errand(user), challenge)
    assert kinds(user) == ["caller_code", "caller_verified"]
    event = callers.verified(user, clerk())
    assert event
    assert event.words == "صاحب حساب حضور دارد"
    assert callers.verified(user, clerk(501)) is None
    with pytest.raises(NotPossible):
        callers.verify(user.pk, errand(user), challenge)
    AccountEvent.objects.update(at=event.at - callers.VERIFIED_FOR)
    assert callers.verified(user, clerk()) is None


def test_a_changed_account_knows_no_verified_caller() -> None:
    user = make_account()
    challenge = sent(user)
    otp.confirm(challenge, code_on_phone(user))
    callers.verify(user.pk, errand(user), challenge)
    locking.lock(user.pk, errand(user))
    user.refresh_from_db()
    assert callers.verified(user, clerk()) is None


def test_an_unconfirmed_code_verifies_nobody_and_failing_ends_it() -> None:
    user = make_account()
    challenge = sent(user)
    otp.confirm(challenge, wrong_code(user))
    with pytest.raises(NotPossible):
        callers.verify(user.pk, errand(user), challenge)
    callers.fail(user.pk, errand(user), challenge)
    assert kinds(user) == ["caller_code", "caller_failed"]
    assert callers.present(user, challenge.pk) is None
    for act in (callers.fail, callers.verify):
        with pytest.raises(NotPossible):
            act(user.pk, errand(user), challenge)
    with pytest.raises(NotPossible):
        callers.send_again(user.pk, errand(user), challenge, lambda current: None)
    assert callers.verified(user, clerk()) is None


def test_what_is_told_by_telephone_changes_no_mobile_and_the_desks_code_verifies_no_caller() -> None:
    user, new = make_account(), "+989970077777"
    challenge = sent(user)
    otp.confirm(challenge, code_on_phone(user))
    with pytest.raises(NotPossible):
        codes.change_mobile(user.pk, errand(user), challenge)
    desk = codes.send_to_new_mobile(user.pk, errand(user), new, None)
    otp.confirm(desk, code_on_phone(User(mobile=new)))
    with pytest.raises(NotPossible):
        callers.verify(user.pk, errand(user), desk)
    callers.verify(user.pk, errand(user), challenge)


def test_a_code_is_sent_again_within_the_limits() -> None:
    user = make_account()
    challenge = sent(user)
    assert sent(user, challenge) == challenge
    with pytest.raises(LimitReached):
        callers.send_again(user.pk, errand(user), challenge, lambda current: None)
    advance(minutes=3)
    callers.send_again(user.pk, errand(user), challenge, lambda current: None)
    assert kinds(user) == ["caller_code"] * 2
    assert len(phone(user)) == 2


@pytest.mark.parametrize("fields", [{"is_staff": True}, {"mobile": ""}, {"is_active": False, "activated_at": None}])
def test_nobody_else_is_called(fields: dict[str, Any]) -> None:
    user = make_account(**fields)
    with pytest.raises(NotPossible):
        sent(user)
    assert not OtpChallenge.objects.exists()


def test_a_change_of_the_protection_ends_the_code() -> None:
    user = make_account()
    challenge, old = sent(user), errand(user)
    otp.confirm(challenge, code_on_phone(user))
    locking.end_sessions(user.pk, errand(user))
    with pytest.raises(ChangedMeanwhile):
        callers.verify(user.pk, old, challenge)
    with pytest.raises(NotPossible):
        callers.verify(user.pk, errand(user), challenge)


def test_of_another_province_nobody_is_called_without_a_reason() -> None:
    user = make_account(province="فارس")
    branch = Branch.objects.create(code="7", name="ری", province="تهران", city="ری")
    User.objects.filter(pk=clerk().pk).update(branch=branch)
    with pytest.raises(scope.Elsewhere):
        sent(user)
    assert kinds(user) == []
