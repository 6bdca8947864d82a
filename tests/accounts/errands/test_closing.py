"""A closed account: what is gone, what stays, and the way back."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.errands import closing, recovering
from accounts.errands.errand import NotPossible
from accounts.models import Device
from accounts.recovery import permits
from registration.lifecycle import taken
from tests.accounts.errands.at_the_desk import errand, kinds
from tests.accounts.helpers import sign_in, signed_in, text
from tests.accounts.recovery.recovering import begin, make_protected, phone
from tests.clock import advance

pytestmark = pytest.mark.django_db
NewClient = Callable[[], Client]


def test_what_protected_it_is_gone_and_who_it_was_stays(new_client: NewClient) -> None:
    user, browser, elsewhere = make_protected(email="sara@example.com", city="تهران"), new_client(), new_client()
    sign_in(browser, user)
    closing.close_by_wish(user.pk, errand(user))
    name, mobile = user.get_full_name(), user.mobile
    user.refresh_from_db()
    assert not signed_in(browser)
    assert not user.has_usable_password()
    assert (user.answers_hash, user.question_1, user.email, user.city) == ("", None, "", "")
    assert (user.get_full_name(), user.mobile, user.is_active) == (name, mobile, False)
    assert user.closed_at
    assert not Device.objects.exists()
    assert "به درخواست خودتان در شعبه بسته شد" in phone(user)[-1]
    assert "کد ملی یا گذرواژه درست نیست" in text(sign_in(elsewhere, user.national_code))
    advance(minutes=16)
    begin(elsewhere, user.national_code)
    assert len(phone(user)) == 1
    assert taken.why(user.national_code).code == "account"


def test_for_a_death_nobody_is_told() -> None:
    user = make_protected()
    closing.close_for_death(user.pk, errand(user, "گواهی فوت"))
    assert phone(user) == []
    assert kinds(user) == ["closed"]


def test_it_is_closed_once_and_opened_again_without_a_password() -> None:
    user = make_protected()
    with pytest.raises(NotPossible):
        closing.reopen(user.pk, errand(user))
    closing.close_for_death(user.pk, errand(user))
    for act in (closing.close_by_wish, closing.close_for_death, recovering.start_recovery):
        with pytest.raises(NotPossible):
            act(user.pk, errand(user))
    closing.reopen(user.pk, errand(user))
    user.refresh_from_db()
    assert (user.is_active, user.closed_at, user.has_usable_password()) == (True, None, False)
    recovering.start_recovery(user.pk, errand(user))
    assert permits.holds(user)
    assert kinds(user) == ["closed", "reopened", "recovery_started"]
