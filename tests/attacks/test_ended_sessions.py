"""A session that was ended stays ended, even if a request of it is under way at that moment."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.test import Client
from pytest_django import Settings

from accounts import protection
from accounts.models import BrowserSession as Session
from accounts.models import User
from accounts.sign_in import session_store
from accounts.sign_in.session_store import SessionStore
from tests.accounts import acts
from tests.accounts.helpers import LOGIN, LOGOUT, PASSWORD, PROFILE, make_account, sign_in, signed_in
from tests.accounts.recovery.recovering import CODE, begin, code_on_phone, leads_to, make_protected
from tests.registration.wizard.walking import CONTACT, Citizen, send

pytestmark = pytest.mark.django_db
NewClient = Callable[[], Client]
CONFIRM = f"{PROFILE}confirm/"
Between = Callable[[Any, str, Callable[[], object]], None]


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Between:
    """Do something once, just before a method is called for the next time."""

    def plan(place: Any, name: str, act: Callable[[], object]) -> None:
        method, waiting = getattr(place, name), [act]

        def with_act(*args: Any, **kwargs: Any) -> Any:
            if waiting:
                waiting.pop()()
            return method(*args, **kwargs)

        monkeypatch.setattr(place, name, with_act)

    return plan


def copy_of(browser: Client, settings: Settings) -> Client:
    """Another tab, or another one who has the key."""
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return other


def signs_out(browser: Client, owner: Client, settings: Settings) -> Callable[[], object]:
    tab = copy_of(browser, settings)
    return lambda: tab.post(LOGOUT)


def ends_it(browser: Client, owner: Client, settings: Settings) -> Callable[[], object]:
    row = session_store.hash_of(str(browser.session.session_key))
    return lambda: owner.post(f"{PROFILE}sessions/{row}/end/", acts.PROVED)


def ends_all(browser: Client, owner: Client, settings: Settings) -> Callable[[], object]:
    return lambda: owner.post(f"{PROFILE}sessions/end/", acts.PROVED)


ENDS = [signs_out, ends_it, ends_all]


@pytest.mark.parametrize("ending", ENDS)
@pytest.mark.parametrize("step", ["code", "data"])
def test_what_a_session_does_at_that_moment_gives_it_no_new_key(
    new_client: NewClient, settings: Settings, between: Between, ending: Any, step: str
) -> None:
    user, found, owner = make_account(861), new_client(), new_client()
    sign_in(owner, user)
    sign_in(found, user, confirmed=step != "code")
    page, answers = acts.DATA, acts.PROVED
    if step == "code":
        found.post(f"{CONFIRM}send/")
        page, answers = CONFIRM, {"code": code_on_phone(user)}
    between(SessionStore, "cycle_key", ending(found, owner, settings))

    answer = found.post(page, answers)

    assert leads_to(answer, LOGIN)
    assert not signed_in(found)
    assert Session.objects.filter(user=user).count() == 1, "the owner's own"


@pytest.mark.parametrize("ending", ENDS)
def test_a_session_that_was_ended_changes_nothing_any_more(
    new_client: NewClient, settings: Settings, between: Between, ending: Any
) -> None:
    user, found, owner = make_account(862), new_client(), new_client()
    for browser in (owner, found):
        sign_in(browser, user)
    between(protection, "change", ending(found, owner, settings))

    answer = found.post(f"{PROFILE}password/", acts.PROVED | {"password1": "Badbadak%45", "password2": "Badbadak%45"})

    assert leads_to(answer, LOGIN)
    assert not signed_in(found)
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_the_first_step_of_a_registration_revives_no_session(
    new_client: NewClient, settings: Settings, between: Between
) -> None:
    """The owner fills in a registration for somebody else, signed in, and signs out in another tab."""
    browser, person = new_client(), Citizen(863)
    sign_in(browser, make_account(864))
    between(SessionStore, "cycle_key", signs_out(browser, browser, settings))

    answer = send(browser, CONTACT, person.contact)

    assert leads_to(answer, LOGIN)
    assert not signed_in(browser)
    assert not [row for row in Session.objects.all() if SESSION_KEY in row.get_decoded()]


def test_the_code_of_a_recovery_revives_no_session(new_client: NewClient, settings: Settings, between: Between) -> None:
    user, browser = make_protected(865), new_client()
    begin(browser, user.national_code)
    between(SessionStore, "cycle_key", signs_out(browser, browser, settings))

    assert leads_to(browser.post(CODE, {"code": code_on_phone(user)}), "/")
    assert leads_to(browser.get(f"{CODE[:-5]}answers/"), CODE[:-5])


def test_a_session_that_ended_before_it_is_saved_is_no_error(
    new_client: NewClient, settings: Settings, between: Between
) -> None:
    browser = new_client()
    sign_in(browser, make_account(866))
    between(SessionStore, "save", signs_out(browser, browser, settings))

    assert leads_to(browser.post("/accounts/stay/"), "/accounts/login/")
    assert not signed_in(browser)


def test_no_new_key_for_a_row_that_has_gone() -> None:
    store = SessionStore()
    store["draft"] = 1
    store.save()
    stale = SessionStore(store.session_key)
    assert stale["draft"] == 1
    store.delete()
    with pytest.raises(UpdateError):
        stale.cycle_key()
    assert not Session.objects.exists()
