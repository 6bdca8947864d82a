"""Random stories of two people, two browsers and two services: whatever they do, what must never happen does not.

No code works twice, no claim is told beyond entitlement and agreement, no token lives after its end.
"""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from sso.endings import ends
from sso.models import Connection, Service
from sso.person import claims
from tests.accounts.helpers import make_account
from tests.rows import undone
from tests.sso.relying import AFTER, Relying, allow, led_to, make_service

pytestmark = pytest.mark.django_db
SCOPES = ["profile", "phone", "national_code"]
whose, which = st.integers(0, 1), st.integers(0, 1)
STEPS = 12


class SignIns(RuleBasedStateMachine):
    """`given`: (person, service, access token, refresh token, scope); `dead`: those that must never work again."""

    @initialize()
    def begin(self) -> None:
        User.objects.all().delete()
        Service.objects.all().delete()
        self.people = [make_account(number) for number in (1, 2)]
        self.browsers = [Client(), Client()]
        self.relying = [
            Relying(make_service("one", scopes=[*SCOPES[:2], "offline_access"])),
            Relying(make_service("two", scopes=[SCOPES[2], "offline_access"], sector="other")),
        ]
        self.codes: list[tuple[int, int, str, str]] = []
        self.used: list[tuple[int, str, str]] = []
        self.given: list[tuple[int, int, dict[str, Any]]] = []
        self.dead: list[tuple[int, dict[str, Any]]] = []

    @rule(person=whose)
    def sign_in(self, person: int) -> None:
        self.browsers[person].force_login(self.people[person])

    @rule(person=whose, service=which, scopes=st.sets(st.sampled_from([*SCOPES, "offline_access"])), yes=st.booleans())
    def go_to_a_service(self, person: int, service: int, scopes: set[str], yes: bool) -> None:
        browser, relying = self.browsers[person], self.relying[service]
        response = relying.send(browser, scope=" ".join(["openid", *sorted(scopes)]))
        address = led_to(response)
        if address.startswith("/o/continue/"):
            if browser.get(address).status_code != 200:
                return  # nobody is signed in
            address = led_to(allow(browser, response, "allow" if yes else "deny"))
        if "code=" in address:
            code = address.partition("code=")[2].partition("&")[0]
            self.codes.append((person, service, code, relying.verifier))

    @precondition(lambda self: self.codes)
    @rule(data=st.data())
    def redeem(self, data: Any) -> None:
        person, service, code, verifier = data.draw(st.sampled_from(self.codes))
        self.codes.remove((person, service, code, verifier))
        relying = self.relying[service]
        relying.verifier = verifier
        response = relying.redeem(code)
        if response.status_code == 200:
            self.given.append((person, service, response.json()))
            self.used.append((service, code, verifier))

    @precondition(lambda self: self.used)
    @rule(data=st.data())
    def bring_a_code_again(self, data: Any) -> None:
        service, code, verifier = data.draw(st.sampled_from(self.used))
        self.relying[service].verifier = verifier
        assert self.relying[service].redeem(code).json()["error"] == "invalid_grant"

    @precondition(lambda self: any("refresh_token" in got for _, _, got in self.given))
    @rule(data=st.data())
    def refresh(self, data: Any) -> None:
        place = data.draw(st.sampled_from([n for n, one in enumerate(self.given) if "refresh_token" in one[2]]))
        person, service, got = self.given[place]
        response = self.relying[service].refresh(got["refresh_token"])
        if response.status_code == 200:
            self.given[place] = (person, service, response.json())
            again = self.relying[service].refresh(got["refresh_token"]) if data.draw(st.booleans()) else None
            if again is not None:
                assert again.json()["error"] == "invalid_grant"
                self._ended(lambda one: one is self.given[place])

    @precondition(lambda self: self.given)
    @rule(data=st.data())
    def revoke(self, data: Any) -> None:
        """A refresh token takes its sign-in with it, an access token itself; another service's stays."""
        place = data.draw(st.integers(0, len(self.given) - 1))
        person, service, got = self.given[place]
        kind = data.draw(st.sampled_from(["access_token", *(["refresh_token"] if "refresh_token" in got else [])]))
        before = self.relying[service].userinfo(got["access_token"]).status_code
        assert self.relying[1 - service].token_gone(got[kind]) == 200
        assert self.relying[service].userinfo(got["access_token"]).status_code == before
        assert self.relying[service].token_gone(got[kind]) == 200
        self.dead.append((service, got))
        self.given[place] = (person, service, {**got, "access_token": "gone"})
        if kind == "refresh_token":
            refused = self.relying[service].refresh(got["refresh_token"])
            assert refused.json()["error"] == "invalid_grant"
            self._ended(lambda one: one is self.given[place])

    @precondition(lambda self: self.given)
    @rule(data=st.data())
    def sign_out_at_the_service(self, data: Any) -> None:
        """Whose browser it is signs out here as well; the other person's asks, and nothing of hers ends."""
        person, _service, got = data.draw(st.sampled_from(self.given))
        browser = self.browsers[data.draw(whose)]
        others = [one for one in self.given if one[0] != person]
        alive = [self.relying[one[1]].userinfo(one[2]["access_token"]).status_code for one in others]
        hint = {"id_token_hint": got["id_token"], "post_logout_redirect_uri": AFTER}
        browser.get("/o/logout", hint)
        if browser is self.browsers[1 - person]:
            assert alive == [self.relying[one[1]].userinfo(one[2]["access_token"]).status_code for one in others]

    @precondition(lambda self: self.codes)
    @rule(data=st.data())
    def bring_a_code_to_the_other_service(self, data: Any) -> None:
        _person, service, code, verifier = data.draw(st.sampled_from(self.codes))
        self.relying[1 - service].verifier = verifier
        assert self.relying[1 - service].redeem(code).json()["error"] == "invalid_grant"

    @rule(person=whose)
    def sign_out(self, person: int) -> None:
        self.browsers[person].post("/accounts/logout/")

    @rule(person=whose, service=which)
    def disconnect(self, person: int, service: int) -> None:
        ends.disconnect(self.people[person], self.relying[service].service)
        self._ended(lambda one: one[:2] == (person, service))

    @rule(person=whose)
    def change_the_account(self, person: int) -> None:
        User.objects.filter(pk=self.people[person].pk).update(mobile=f"+98997{len(self.dead):07}")
        self.people[person].refresh_from_db()
        self._ended(lambda one: one[0] == person)

    def _ended(self, of: Any) -> None:
        self.dead += [(one[1], one[2]) for one in self.given if of(one)]
        self.given = [one for one in self.given if not of(one)]

    @invariant()
    def nothing_is_told_beyond_what_was_agreed(self) -> None:
        for person, service, got in getattr(self, "given", []):
            relying = self.relying[service]
            response = relying.userinfo(got["access_token"])
            if response.status_code != 200:
                continue
            agreed = Connection.objects.get(user=self.people[person], service=relying.service)
            allowed = set(agreed.scopes) & set(relying.service.scopes) & set(got["scope"].split())
            assert agreed.revoked_at is None
            assert response.json().keys() <= {"sub", *claims.of(self.people[person], allowed)}

    @invariant()
    def what_is_dead_stays_dead(self) -> None:
        for service, got in getattr(self, "dead", [])[-3:]:
            assert self.relying[service].userinfo(got["access_token"]).status_code == 401


def test_random_stories() -> None:
    few = settings(
        max_examples=max(2, settings.default.max_examples // 30) if settings.default else 2,
        stateful_step_count=STEPS,
        suppress_health_check=list(HealthCheck),
    )
    with undone():
        run_state_machine_as_test(SignIns, settings=few)
