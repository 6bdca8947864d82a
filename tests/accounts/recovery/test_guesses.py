"""Guesses at the answers at the same moment: each is spent before it is compared."""

import pytest
from django.test import Client

from accounts.models import RecoveryRun
from accounts.recovery import flow as recovery
from infra.limits import LimitReached
from sms.models import OtpChallenge
from sms.otp import codes
from tests.accounts.recovery.recovering import RIGHT, WRONG_ANSWERS, make_protected, newest_run, to_answers
from tests.threads import together


@pytest.mark.django_db(transaction=True)
def test_twelve_guesses_at_once_are_three_guesses(hashes: list[str]) -> None:
    user = make_protected()
    browser = Client()
    to_answers(browser, user)
    run = newest_run()
    hashes.clear()
    found = together(lambda: recovery.judge_answers(run, user, WRONG_ANSWERS), 12)
    assert not [error for error in found if isinstance(error, Exception)]
    assert hashes == ["verify"] * 3
    assert recovery.Verdict.RIGHT not in found
    assert recovery.judge_answers(run, user, RIGHT) is recovery.Verdict.OVER


@pytest.mark.django_db(transaction=True)
def test_guesses_in_many_runs_at_once_are_five_a_day(hashes: list[str]) -> None:
    user = make_protected()
    challenges = [
        OtpChallenge.objects.create(
            purpose="recovery",
            mobile=user.mobile,
            national_code=user.national_code,
            nonce=codes.new_nonce(),
            expires_at="2999-01-01T00:00Z",
        )
        for _ in range(8)
    ]
    runs = [RecoveryRun.objects.create(user=user, challenge=challenge) for challenge in challenges]
    hashes.clear()
    waiting = [run for run in runs for _ in range(2)]
    found = together(lambda: recovery.judge_answers(waiting.pop(), user, WRONG_ANSWERS), 16)
    assert len(hashes) == 5
    refused = [error for error in found if isinstance(error, LimitReached)]
    assert len(refused) >= 11
    with pytest.raises(LimitReached):
        recovery.judge_answers(runs[0], user, RIGHT)
