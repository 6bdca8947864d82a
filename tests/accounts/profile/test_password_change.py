"""The change of the password from the profile: the guide's rules, the current password, other sessions, the notice."""

from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory

from accounts.models import BrowserSession as Session
from accounts.models import User
from accounts.passwords.validator import GuideValidator
from accounts.profile import changes
from accounts.protection import ChangedElsewhere
from accounts.sign_in import gate
from accounts.sign_in.session_store import hash_of
from iran.numbers import to_ascii_digits
from sms.models import Message
from sms.outbox import delivery
from sms.outbox import queue as outbox
from tests.accounts.helpers import (
    NEW_PASSWORD,
    PASSWORD,
    PASSWORD_PAGE,
    PROFILE,
    WRONG,
    make_account,
    persian,
    sign_in,
    signed_in,
    text,
)

pytestmark = pytest.mark.django_db

CHANGED = "Your password has been changed. Other devices have been signed out."
CURRENT_WRONG = "The current password is not right"


@pytest.fixture
def user(client: Client) -> User:
    user = make_account()
    sign_in(client, user)
    return user


def change(client: Client, *, current: str = PASSWORD, new: str = NEW_PASSWORD, again: str | None = None) -> Any:
    again = new if again is None else again
    return client.post(PASSWORD_PAGE, {"current_password": current, "password1": new, "password2": again})


def stored(user: User) -> str:
    return User.objects.get(pk=user.pk).password


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return dict(response.context["form"].errors)


def test_it_changes_the_password_and_tells_so(client: Client, user: User) -> None:
    response = change(client)
    assert (response.status_code, response.headers["Location"]) == (302, PROFILE)
    assert check_password(NEW_PASSWORD, stored(user))
    assert persian(CHANGED) in text(client.get(PROFILE))


def test_this_session_goes_on_under_a_new_key_and_all_others_end(client: Client, user: User) -> None:
    others = [Client(), Client()]
    for other in others:
        sign_in(other, user)
        assert signed_in(other)
    key = client.session.session_key
    change(client)
    assert signed_in(client)
    assert client.session.session_key != key
    assert [signed_in(other) for other in others] == [False, False]
    assert not Session.objects.filter(pk=hash_of(str(key))).exists()
    assert sign_in(Client(), user, PASSWORD).status_code == 200
    assert sign_in(Client(), user, NEW_PASSWORD).status_code == 302


def test_the_owner_is_told_by_a_text_message(client: Client, user: User) -> None:
    change(client)
    message = Message.objects.get()
    assert (message.recipient, message.purpose, message.code_nonce) == (user.mobile, Message.Purpose.NOTICE, None)
    sent = delivery.text_of(message)
    assert "1420" in to_ascii_digits(sent)
    assert NEW_PASSWORD not in sent + str(message.params)


def test_no_message_for_an_account_without_a_mobile(client: Client) -> None:
    clerk = make_account(2, mobile="", is_staff=True)
    client.force_login(clerk)
    change(client)
    assert check_password(NEW_PASSWORD, stored(clerk))
    assert not Message.objects.exists()


def test_no_change_without_its_message(client: Client, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(outbox, "add", broken)
    with pytest.raises(ConnectionError):
        change(client)
    assert check_password(PASSWORD, stored(user))


def test_the_current_password_must_be_right(client: Client, user: User) -> None:
    assert errors(change(client, current=WRONG)) == {"current_password": [persian(CURRENT_WRONG)]}
    assert check_password(PASSWORD, stored(user))
    assert not Message.objects.exists()


def test_guessing_the_current_password_counts_for_the_open_session(client: Client, user: User) -> None:
    for _ in range(5):
        change(client, current=WRONG)
    assert change(client).status_code == 429
    assert sign_in(Client(), user).status_code == 302
    assert check_password(PASSWORD, stored(user))


def test_a_current_password_that_was_right_counts_nowhere(client: Client, user: User) -> None:
    for _ in range(8):
        assert errors(change(client, new="short"))["password1"]


def test_everything_that_is_wrong_is_said_at_once(client: Client, user: User) -> None:
    found = errors(change(client, current=WRONG, new="1mohammadi", again="2"))
    assert set(found) == {"current_password", "password1", "password2"}
    assert set(found["password1"]) == {
        persian("The password must begin with a Latin letter"),
        persian("The password must have at least one capital Latin letter"),
        persian("The password must not contain your first name, last name or national code"),
    }


@pytest.mark.parametrize(
    "broken",
    ["Aa345%7", "Badbadak45@", "badbadak%45", "BADBADAK%45", "Badbadak%", "Sara%4589", "%Badbadak45", "Aa1" * 43],
)
def test_the_guides_rules_hold_here_too(client: Client, user: User, broken: str) -> None:
    assert len(errors(change(client, new=broken))["password1"]) == 1


def test_the_national_code_is_no_part_of_a_password(client: Client, user: User) -> None:
    assert len(errors(change(client, new=f"Ab{user.national_code}"))["password1"]) == 1


def test_the_new_password_is_another_one(client: Client, user: User) -> None:
    found = errors(change(client, new=PASSWORD))
    assert found == {"password1": [persian("The new password must differ from the current one")]}


def test_the_repetition_must_be_the_same(client: Client, user: User) -> None:
    found = errors(change(client, again=f"{NEW_PASSWORD} "))
    assert found == {"password2": [persian("The two new passwords are not the same")]}


def test_empty_fields_are_named(client: Client, user: User) -> None:
    found = errors(change(client, current="", new=""))
    assert set(found) == {"current_password", "password1", "password2"}
    assert set(errors(client.post(PASSWORD_PAGE))) == set(found)


def test_nothing_typed_comes_back(client: Client, user: User) -> None:
    page = text(change(client, current=WRONG, new="Short%1", again=NEW_PASSWORD))
    for typed in (WRONG, "Short%1", NEW_PASSWORD):
        assert typed not in page


@pytest.mark.parametrize("nonsense", ["\0", "Badbadak%45\0", "گذرواژه", "\u202e", "x" * 9_000, "<script>"])
def test_nonsense_is_an_error_in_the_form(client: Client, user: User, nonsense: str) -> None:
    assert errors(change(client, new=nonsense))["password1"]
    assert errors(change(client, current=nonsense))["current_password"]


def test_bodies_that_no_browser_sends_are_refused(client: Client, user: User) -> None:
    form = "application/x-www-form-urlencoded"
    body = f"current_password={PASSWORD}&password1=Badbadak45&password2=Badbadak45"
    assert client.post(PASSWORD_PAGE, f"{body}&password1=Badbadak46", content_type=form).status_code == 400
    assert client.post(PASSWORD_PAGE, body + "x" * 1_000_000, content_type=form).status_code == 400
    assert client.put(PASSWORD_PAGE).status_code == 405
    assert check_password(PASSWORD, stored(user))


def test_of_two_changes_at_once_the_second_learns_of_the_first(client: Client, user: User) -> None:
    request = RequestFactory().post(PASSWORD_PAGE)
    request.session, request.user = client.session, user
    first, second = (gate.prove(user.national_code, PASSWORD, None) for _ in range(2))
    assert first is not None
    assert second is not None
    changes.set_password(request, first, NEW_PASSWORD)
    with pytest.raises(ChangedElsewhere):
        changes.set_password(request, second, "Firooze%91")
    assert check_password(NEW_PASSWORD, stored(user))
    assert Message.objects.count() == 1


def test_the_session_keeps_no_password(client: Client, user: User) -> None:
    change(client, current=WRONG)
    change(client)
    for session in Session.objects.all():
        kept = str(session.get_decoded())
        assert PASSWORD not in kept
        assert NEW_PASSWORD not in kept


def test_the_rules_hold_where_django_asks_for_them(user: User) -> None:
    GuideValidator().validate(NEW_PASSWORD, user)
    GuideValidator().validate("Mohammadi%12")
    with pytest.raises(ValidationError) as refused:
        GuideValidator().validate("mohammadi%12", user)
    assert len(refused.value.messages) == 2
    assert str(8) in to_ascii_digits(GuideValidator().get_help_text())
