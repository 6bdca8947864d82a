"""Any order of anything: two browsers and two people at the wizard, honest, mistaken and forging.

After every step: nothing is submitted without a challenge of exactly its national code and mobile, confirmed and
used up; nobody is asked about twice at a time; sessions hold ids; no request ends in a failure.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from redis import Redis

from accounts.models import BrowserSession as Session
from accounts.models import User
from accounts.sign_in import devices
from infra import kept
from registration.models import RegistrationRequest
from registration.wizard import session as wizard_session
from sms.models import OtpChallenge
from sms.otp import codes
from tests.clock import advance
from tests.registration.wizard.test_session_scan import only_numbers
from tests.registration.wizard.walking import (
    ACTIVATION,
    CONTACT,
    IDENTITY,
    RECEIVED,
    RESEND,
    WIZARD,
    Answers,
    Citizen,
    decide,
    send,
)

Status = RegistrationRequest.Status
PEOPLE = [Citizen(491, "مهین", "صادقی"), Citizen(492, "شهین", "فرهادی")]
STEPS = st.sampled_from([CONTACT, ACTIVATION, IDENTITY, "account", "review", "nope", ""])
WHO = st.integers(0, 1)
OURS = {*wizard_session.NAMES, devices.CHALLENGES, "_messages"}

REACHED: set[str] = set()

# Without shrinking: it takes minutes, and a story of 25 steps can be read. Each costs as much as many of the others.
BOUNDS = hypothesis_settings(
    max_examples=hypothesis_settings().max_examples * 2 // 5,
    stateful_step_count=25,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


class WizardMachine(RuleBasedStateMachine):
    """`given`: challenges whose right code was posted by the browser that holds them; `pages`: marks of open tabs."""

    def __init__(self) -> None:
        super().__init__()
        self.story = transaction.atomic()
        setattr(self.story, "_from_testcase", True)  # noqa: B010  as Django's own test cases do: what is durable may be inside
        self.story.__enter__()
        Redis.from_url(django_settings.REDIS_URL).flushdb()
        kept.forget_all()
        PEOPLE[0].enter_registry()
        PEOPLE[1].enter_registry(first_name="مینا")
        self.browsers = [Client(REMOTE_ADDR=f"198.18.7.{number}") for number in (1, 2)]
        self.given: set[int] = set()
        self.pages: list[list[str]] = [[], []]

    def teardown(self) -> None:
        REACHED.update(RegistrationRequest.objects.values_list("status", flat=True))
        transaction.set_rollback(True)
        self.story.__exit__(None, None, None)

    def answer(self, response: Any) -> Any:
        assert response.status_code in (200, 302, 400, 429), response.status_code
        return response

    def post(self, browser: int, step: str, answers: Answers) -> Any:
        return self.answer(send(self.browsers[browser], step, answers))

    def named(self, browser: int) -> RegistrationRequest | None:
        """The draft that this browser's session names, if it is one still, however old."""
        pk = self.browsers[browser].session.get("draft_portal")
        rows = RegistrationRequest.objects.select_related("challenge").filter(status=Status.DRAFT)
        return rows.filter(pk=pk).first() if pk else None

    def draft(self, browser: int) -> RegistrationRequest | None:
        """The draft that this browser may still work on: it ends after a day. No wait here comes near to just a day."""
        named = self.named(browser)
        return named if named and timezone.now() - named.created_at < timedelta(hours=24) else None

    @rule(browser=WHO, person=WHO, owner=WHO, operator=st.sampled_from(["mci", "other"]))
    def give_contact(self, browser: int, person: int, owner: int, operator: str) -> None:
        mobile = PEOPLE[owner].contact["mobile"]
        self.post(browser, CONTACT, {**PEOPLE[person].contact, "mobile": mobile, "operator": operator})

    @rule(browser=WHO)
    def give_the_right_code(self, browser: int) -> None:
        draft = self.draft(browser)
        if draft:
            challenge = draft.challenge
            self.given.add(challenge.pk)
            self.post(browser, ACTIVATION, {"code": codes.derive(challenge.purpose, bytes(challenge.nonce))})

    @rule(browser=WHO, person=WHO, owner=WHO)
    def come_to_the_last_step(self, browser: int, person: int, owner: int) -> None:
        self.give_contact(browser, person, owner, "mci")
        self.give_the_right_code(browser)
        self.look(browser, "")

    @rule(browser=WHO, person=WHO)
    def finish(self, browser: int, person: int) -> None:
        self.give_identity(browser, person, "", -1)

    @rule(browser=WHO, person=WHO)
    def finish_in_the_oldest_tab(self, browser: int, person: int) -> None:
        self.give_identity(browser, person, "", 0)

    @rule(browser=WHO, person=WHO, owner=WHO)
    def do_everything(self, browser: int, person: int, owner: int) -> None:
        """Chance alone seldom comes far."""
        self.come_to_the_last_step(browser, person, owner)
        self.finish(browser, person)

    @rule(browser=WHO, which=st.integers(0, 9))
    def give_the_code_of_another_proof(self, browser: int, which: int) -> None:
        mine, challenges = self.draft(browser), list(OtpChallenge.objects.order_by("pk"))
        if not challenges:
            return
        challenge = challenges[which % len(challenges)]
        code = codes.derive(challenge.purpose, bytes(challenge.nonce))
        if mine and code == codes.derive(mine.challenge.purpose, bytes(mine.challenge.nonce)):
            self.given.add(mine.challenge.pk)
        self.post(browser, ACTIVATION, {"code": code})

    @rule(browser=WHO, code=st.sampled_from(["", "12345", "abcdef"]))
    def give_no_code(self, browser: int, code: str) -> None:
        self.post(browser, ACTIVATION, {"code": code})

    @rule(browser=WHO)
    def give_a_wrong_code(self, browser: int) -> None:
        draft = self.draft(browser)
        right = codes.derive(draft.challenge.purpose, bytes(draft.challenge.nonce)) if draft else "000000"
        self.post(browser, ACTIVATION, {"code": f"{(int(right) + 1) % 10**6:06}"})

    @rule(browser=WHO, person=WHO, flaw=st.sampled_from(["", "", "", "gender", "password2"]), tab=st.integers(-1, 3))
    def give_identity(self, browser: int, person: int, flaw: str, tab: int) -> None:
        """`tab`: which of the open pages of this browser is sent; -1: one without a mark."""
        named, before, pages = self.named(browser), self.draft(browser), self.pages[browser]
        mark = pages[tab % len(pages)] if pages and tab >= 0 else ""
        answers = {**PEOPLE[person].identity, "draft_mark": mark}
        response = self.post(browser, IDENTITY, answers | ({flaw: ""} if flaw else {}))
        if named is None:
            return
        after = RegistrationRequest.objects.get(pk=named.pk)
        if before is None:  # over: the citizen is led back to the beginning, and the session forgets it
            assert (response.status_code, response.headers["Location"]) == (302, WIZARD)
            assert after.status == Status.DRAFT
            assert self.named(browser) is None
        elif flaw or before.challenge.confirmed_at is None or mark not in ("", wizard_session.mark(before)):
            assert after.status == Status.DRAFT
        elif response.status_code == 302:
            assert response.headers["Location"] == RECEIVED
            assert after.status == Status.SUBMITTED
            assert after.first_name == PEOPLE[person].first_name

    @rule(browser=WHO, step=STEPS, person=WHO)
    def forge_a_step(self, browser: int, step: str, person: int) -> None:
        """Everything that could be wanted, sent to any step; no code."""
        self.post(browser, step, {**PEOPLE[person].contact, **PEOPLE[person].identity})

    @rule(browser=WHO, step=STEPS)
    def jump(self, browser: int, step: str) -> None:
        self.answer(self.browsers[browser].post(WIZARD, {"wizard_goto_step": step}))

    @rule(browser=WHO, step=STEPS)
    def look(self, browser: int, step: str) -> None:
        page = self.answer(self.browsers[browser].get(WIZARD, {"step": step} if step else {}))
        shown = page.context["wizard"]["steps"].current
        draft = self.draft(browser)
        if shown != CONTACT:
            assert draft is not None
            self.pages[browser].append(page.context["form"]["draft_mark"].value())
            assert (draft.challenge.confirmed_at is not None) == (shown == IDENTITY)
        if shown == IDENTITY:
            assert draft is not None
            assert page.context["national_code"] == draft.national_code

    @rule(browser=WHO)
    def look_at_the_closing_page(self, browser: int) -> None:
        self.answer(self.browsers[browser].get(RECEIVED))

    @rule(browser=WHO)
    def ask_for_the_code_again(self, browser: int) -> None:
        self.answer(self.browsers[browser].post(RESEND))

    @rule(minutes=st.sampled_from([2.1, 2.2, 2.3, 11, 60 * 25]))
    def wait(self, minutes: float) -> None:
        advance(minutes=minutes)

    @rule(browser=WHO)
    def lose_the_session(self, browser: int) -> None:
        self.browsers[browser].cookies.clear()

    @rule()
    def decide_what_is_due(self) -> None:
        decide()

    @invariant()
    def what_is_submitted_is_proved(self) -> None:
        submitted = RegistrationRequest.objects.exclude(status=Status.DRAFT).select_related("challenge")
        for request in submitted:
            challenge = request.challenge
            assert challenge.purpose == OtpChallenge.Purpose.REGISTRATION
            assert (challenge.national_code, challenge.mobile) == (request.national_code, request.mobile)
            assert challenge.confirmed_at is not None
            assert challenge.consumed_at is not None
            assert challenge.pk in self.given
        used = set(OtpChallenge.objects.exclude(consumed_at=None).values_list("pk", flat=True))
        assert used == {request.challenge_id for request in submitted}

    @invariant()
    def nothing_is_proved_without_its_code(self) -> None:
        confirmed = set(OtpChallenge.objects.exclude(confirmed_at=None).values_list("pk", flat=True))
        assert confirmed <= self.given

    @invariant()
    def nobody_is_asked_about_twice(self) -> None:
        for person in PEOPLE:
            mine = RegistrationRequest.objects.filter(national_code=person.national_code)
            waiting = mine.filter(status=Status.SUBMITTED).count()
            active = User.objects.filter(national_code=person.national_code, is_active=True).count()
            assert waiting + active <= 1
            assert mine.filter(status__in=RegistrationRequest.OPEN).count() <= 1

    @invariant()
    def sessions_hold_ids(self) -> None:
        for row in Session.objects.all():
            held = row.get_decoded()
            assert held.keys() <= OURS
            held.pop("_messages", None)
            assert all(only_numbers(value) for value in held.values())
            assert not [
                person for person in PEOPLE if person.national_code in str(held) or person.mobile[3:] in str(held)
            ]


@pytest.mark.hypothesis  # which its plugin marks by itself only where it sees `given`
@pytest.mark.django_db
def test_no_order_of_steps_gets_around_the_challenge(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.LIMIT_SENDS_PER_MOBILE = [(3, 120)]
    settings.LIMIT_UNCONFIRMED_PER_IP = settings.LIMIT_UNCONFIRMED_PER_NETWORK = [(1000, 86_400)]
    REACHED.clear()
    run_state_machine_as_test(WizardMachine, settings=BOUNDS)
    assert {Status.DRAFT, Status.SUBMITTED} < REACHED  # else it went around in circles before the first step
