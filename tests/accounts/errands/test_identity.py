"""A legal change of an identity: entered by one, confirmed by another; what is kept, and who is refused."""

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.errands import closing, identity
from accounts.errands.alone import ColleagueNeeded
from accounts.errands.errand import ChangedMeanwhile, NotPossible
from accounts.models import AccountEvent, IdentityChange, User
from iran.names import fold
from registration.desk import roles
from tests.accounts.errands.at_the_desk import clerk, errand, kinds
from tests.accounts.helpers import make_account
from tests.accounts.recovery.recovering import phone
from tests.people import STATED
from tests.registration.desk.members import member, office
from tests.threads import together

pytestmark = pytest.mark.django_db
BIRTH = dt.date(1986, 6, 18)


def citizen(number: int = 1, **fields: Any) -> User:
    return make_account(number, **User.with_keys({**STATED, **fields}))


def entered(user: User, **new: Any) -> IdentityChange:
    return identity.enter(user.pk, errand(user), STATED | new)


def test_two_persons_change_a_name_and_both_values_stay() -> None:
    user = citizen(identity_check="registry")
    change = entered(user, last_name="بهرامی‌نیا", birth_date=BIRTH)
    user.refresh_from_db()
    assert (user.last_name, user.birth_date) == (STATED["last_name"], STATED["birth_date"])
    assert phone(user) == []
    identity.confirm(user.pk, errand(user, by=clerk(501)), change.pk)
    user.refresh_from_db()
    assert (user.last_name, user.last_name_key) == ("بهرامی‌نیا", fold("بهرامی‌نیا"))
    assert (user.birth_date, user.first_name_key) == (BIRTH, fold(STATED["first_name"]))
    assert user.identity_check == "branch", "no registry has seen it"
    assert "مشخصات هویتی حساب شما در شعبه از روی مدارک تغییر کرد" in phone(user)[-1]
    changes = {"last_name": [STATED["last_name"], "بهرامی‌نیا"], "birth_date": ["1986-06-17", "1986-06-18"]}
    first, second = AccountEvent.objects.order_by("pk")
    assert [(one.kind, one.actor, one.changes) for one in (first, second)] == [
        ("identity_entered", clerk(), changes),
        ("identity_changed", clerk(501), changes),
    ]
    change.refresh_from_db()
    assert (change.state, change.decided_by) == ("confirmed", clerk(501))
    assert identity.waiting(user) is None


def test_nobody_confirms_the_own_entry_by_any_way() -> None:
    user = citizen()
    change = entered(user, first_name="ساره")
    with pytest.raises(ColleagueNeeded):
        identity.confirm(user.pk, errand(user), change.pk)
    with pytest.raises(IntegrityError, match="identity_change_by_two"), transaction.atomic():
        IdentityChange.objects.update(state="confirmed", decided_by=clerk(), decided_at=change.entered_at)
    assert User.objects.get(pk=user.pk).first_name == STATED["first_name"]


@pytest.mark.parametrize("number", [500, 501])
def test_it_is_refused_by_another_or_taken_back_and_entered_anew(number: int) -> None:
    user = citizen()
    change = entered(user, first_name="ساره")
    with pytest.raises(identity.AlreadyWaiting):
        entered(user, first_name="سارا‌بانو")
    identity.refuse(user.pk, errand(user, by=clerk(number)), change.pk)
    for verb in (identity.refuse, identity.confirm):
        with pytest.raises(NotPossible):
            verb(user.pk, errand(user, by=clerk(502)), change.pk)
    newer = entered(user, first_name="سارا‌بانو")
    with pytest.raises(NotPossible):  # the page that was read was about the other one
        identity.confirm(user.pk, errand(user, by=clerk(502)), change.pk)
    identity.confirm(user.pk, errand(user, by=clerk(502)), newer.pk)
    assert kinds(user) == ["identity_entered", "identity_refused", "identity_entered", "identity_changed"]


def test_what_is_there_already_is_no_change() -> None:
    user = citizen()
    with pytest.raises(identity.NothingChanged):
        entered(user)
    assert kinds(user) == []


def test_an_identity_that_is_another_one_by_now_is_not_overwritten() -> None:
    user = citizen()
    change = entered(user, first_name="ساره")
    User.objects.filter(pk=user.pk).update(first_name="سمیه")
    with pytest.raises(ChangedMeanwhile):
        identity.confirm(user.pk, errand(user, by=clerk(501)), change.pk)
    assert kinds(user) == ["identity_entered"]


def test_a_change_of_one_account_does_not_confirm_another() -> None:
    user, other = citizen(1), citizen(2)
    change = entered(user, first_name="ساره")
    with pytest.raises(NotPossible):
        identity.confirm(other.pk, errand(other, by=clerk(501)), change.pk)


def test_a_closed_account_keeps_its_identity_and_what_waits_can_be_refused() -> None:
    user = citizen()
    change = entered(user, first_name="ساره")
    closing.close_for_death(user.pk, errand(user))
    with pytest.raises(NotPossible):
        identity.confirm(user.pk, errand(user, by=clerk(501)), change.pk)
    identity.refuse(user.pk, errand(user, by=clerk(501)), change.pk)
    assert not identity.queue(member(600, roles.HEAD_OFFICE)).exists()


def test_the_queue_is_of_the_own_province() -> None:
    tehran, shiraz = citizen(1, province="تهران"), citizen(2, province="فارس")
    by = member(600, roles.HEAD_OFFICE)
    for user in (tehran, shiraz):
        identity.enter(user.pk, errand(user, by=by), STATED | {"first_name": "ساره"})
    assert [one.account for one in identity.queue(by)] == [tehran, shiraz]
    assert [one.account for one in identity.queue(member(601, roles.SUPERVISOR, branch=office()))] == [tehran]


@pytest.mark.django_db(transaction=True)
def test_of_two_clerks_at_once_one_enters_and_of_two_supervisors_one_confirms() -> None:
    user = citizen()
    wanted = [(errand(user, by=clerk(number)), name) for number, name in ((500, "ساره"), (501, "سمیه"))]

    def enter() -> object:
        one, name = wanted.pop()
        return identity.enter(user.pk, one, STATED | {"first_name": name})

    assert sorted(type(one).__name__ for one in together(enter, 2)) == ["AlreadyWaiting", "IdentityChange"]
    change = IdentityChange.objects.get()
    others = [errand(user, by=clerk(number)) for number in (502, 503)]
    answers = together(lambda: identity.confirm(user.pk, others.pop(), change.pk), 2)
    assert sorted(type(one).__name__ for one in answers) == ["NoneType", "NotPossible"]
    assert kinds(user) == ["identity_entered", "identity_changed"]
