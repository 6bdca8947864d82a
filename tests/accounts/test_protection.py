"""Changes of what protects an account are counted by the database, whoever makes them."""

from typing import Any

import pytest
from django.db.models import F

from accounts import protection
from accounts.models import User
from accounts.protection import ChangedElsewhere
from tests.accounts.helpers import make_account
from tests.accounts.recovery.recovering import make_protected

pytestmark = pytest.mark.django_db

OTHER: dict[str, Any] = {
    "password": "other",
    "mobile": "+989970077777",
    "email": "other@example.com",
    "question_1": None,
    "question_2": None,
    "question_3": None,
    "answers_hash": "other",
    "is_active": False,
    "is_staff": True,
    "is_superuser": True,
}


def version(user: User) -> int:
    return User.objects.values_list("security_version", flat=True).get(pk=user.pk)


def test_every_protected_column_is_tried() -> None:
    assert OTHER.keys() == set(User.PROTECTED)


@pytest.mark.parametrize("column", OTHER)
def test_a_change_of_a_protected_column_is_counted(column: str) -> None:
    user = make_protected()
    User.objects.filter(pk=user.pk).update(**{column: OTHER[column]})
    assert version(user) == 1


def test_other_changes_are_not(client: object) -> None:
    user = make_protected()
    User.objects.filter(pk=user.pk).update(city="تهران", new_email="a@example.com", password=F("password"))
    assert version(user) == 0


def test_an_account_that_is_saved_as_it_was_read_revives_nothing() -> None:
    user = make_account()
    stale = User.objects.get(pk=user.pk)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    stale.save()  # takes is_staff back
    assert version(user) == 2


def test_an_account_that_was_never_active_has_nothing_to_end() -> None:
    user = make_account(is_active=False, activated_at=None)
    User.objects.filter(pk=user.pk).update(password="other")
    assert version(user) == 0


def test_of_two_changes_that_read_the_same_the_second_is_refused() -> None:
    user = make_account()
    first, second = (User.objects.get(pk=user.pk) for _ in range(2))
    with protection.change(first, mobile="+989970077777"):
        pass
    with pytest.raises(ChangedElsewhere), protection.change(second, mobile="+989970088888"):
        pass
    with pytest.raises(ChangedElsewhere):
        protection.hold(second)
    assert (first.mobile, first.security_version) == ("+989970077777", version(user))


def test_what_the_body_refuses_is_not_changed() -> None:
    user = make_account()
    with pytest.raises(ChangedElsewhere), protection.change(user, mobile="+989970077777"):
        raise ChangedElsewhere
    assert User.objects.get(pk=user.pk).mobile == user.mobile
    assert version(user) == 0
