"""Errands for accounts of another province: by no verb without a reason, which is somebody's own and lasts a day."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.errands import callers, closing, codes, identity, locking, recovering, scope
from accounts.errands.errand import Errand
from accounts.models import AccountEvent, Branch, User
from accounts.staff import provinces
from registration.desk import roles
from tests.accounts.errands.at_the_desk import CLIENT_IP, errand, kinds
from tests.accounts.helpers import make_account
from tests.registration.desk.members import member, office

pytestmark = pytest.mark.django_db
VERBS: dict[str, Callable[[int, Errand], Any]] = {
    "lock": locking.lock,
    "unlock": locking.unlock,
    "sessions": locking.end_sessions,
    "recovery": recovering.start_recovery,
    "close": closing.close_by_wish,
    "death": closing.close_for_death,
    "reopen": closing.reopen,
    "caller": lambda pk, one: callers.send_code(pk, one, None),
    "mobile": lambda pk, one: codes.send_to_new_mobile(pk, one, "+989970077777", None),
    "identity": lambda pk, one: identity.enter(pk, one, {}),
    "confirm": lambda pk, one: identity.confirm(pk, one, 1),
    "refuse": lambda pk, one: identity.refuse(pk, one, 1),
}


@pytest.fixture
def shiraz() -> Branch:
    return office("فارس", "شیراز")


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_works_on_another_province_without_a_reason(verb: str, shiraz: Branch) -> None:
    user, stranger = make_account(province="تهران"), member(700, roles.SUPERVISOR, branch=shiraz)
    before = User.objects.values().get(pk=user.pk)
    with pytest.raises(scope.Elsewhere) as refused:
        VERBS[verb](user.pk, errand(user, by=stranger))
    assert refused.value.account_id == user.pk
    assert kinds(user) == []
    assert User.objects.values().get(pk=user.pk) == before


def test_a_reason_opens_it_for_one_person_and_a_working_day(shiraz: Branch) -> None:
    user = make_account(province="تهران")
    stranger, colleague = (member(number, roles.CLERK, branch=shiraz) for number in (700, 701))
    with pytest.raises(ValueError, match="reason"):
        scope.reach(user, by=stranger, client_ip=CLIENT_IP, words=" ")
    scope.reach(user, by=stranger, client_ip=CLIENT_IP, words="صاحب حساب اینجاست")
    locking.lock(user.pk, errand(user, by=stranger))
    with pytest.raises(scope.Elsewhere):
        locking.unlock(user.pk, errand(user, by=colleague))
    AccountEvent.objects.update(at=AccountEvent.objects.earliest("pk").at - provinces.LASTS)
    with pytest.raises(scope.Elsewhere):
        locking.unlock(user.pk, errand(user, by=stranger))
    assert kinds(user) == ["reached", "locked"]


@pytest.mark.parametrize(
    ("role", "branch", "province"),
    [
        (roles.CLERK, "فارس", "فارس"),
        (roles.CLERK, "فارس", ""),
        (roles.CLERK, "", ""),
        (roles.HEAD_OFFICE, "", "فارس"),
        (roles.AUDITOR, "", "فارس"),
    ],
)
def test_what_is_ones_own_needs_none_and_writes_nothing(role: roles.Role, branch: str, province: str) -> None:
    user = make_account(province=province)
    staff = member(700, role, branch=office(branch, "شیراز") if branch else None)
    scope.reach(user, by=staff, client_ip=CLIENT_IP, words="دلیل")
    scope.viewed(user, by=staff, client_ip=CLIENT_IP)
    assert kinds(user) == ["viewed"]
