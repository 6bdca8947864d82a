"""`manage.py test_identity`: the operator reads in words what the service answered, or why not and what to do."""

import logging
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from registration.identity.failures import FailureKind
from registration.identity.jibit import CODES
from registration.identity.remedies import ADVICE
from registration.models import IdentityCheck
from tests.registration.identity.checking import MARYAM, assert_gives_nothing_away, jibit
from tests.stand_ins.http import Fault
from tests.stand_ins.jibit import Jibit

__all__ = ["jibit"]  # a fixture

pytestmark = pytest.mark.django_db

TYPED: dict[str, Any] = vars(MARYAM) | {
    "mobile": "۰۹۰۰ ۰۰۰ ۰۳۲۱",
    "first_name": "مريم",
    "birth_date": "۱۳۷۱/۱/۱۴",
}


@pytest.fixture(autouse=True)
def english(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "en"


def run(**options: Any) -> str:
    out = StringIO()
    call_command("test_identity", stdout=out, **{**TYPED, **options})
    return out.getvalue()


def run_in_vain(**options: Any) -> str:
    out = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("test_identity", stdout=out, **{**TYPED, **options})
    assert caught.value.returncode == 2
    return out.getvalue() + str(caught.value)


def test_both_questions_and_what_follows(jibit: Jibit) -> None:
    told = run()
    assert f"jibit {jibit.base_url}/ide" in told
    assert "The mobile is the person's own" in told
    assert "Identity matches" in told
    assert "first name: Agrees with the registry" in told
    assert "approved and the account is active" in told
    assert jibit.asked == ["matching", "identity"]
    assert IdentityCheck.objects.count() == 2, "they cost money, too"


@pytest.mark.parametrize(
    ("change", "consequence"),
    [
        (lambda jibit: jibit.owners.clear(), "the account is activated at a branch"),
        (lambda jibit: jibit.people.clear(), "does not match"),
    ],
)
def test_what_follows_otherwise(jibit: Jibit, change: Callable[[Jibit], None], consequence: str) -> None:
    change(jibit)
    assert consequence in run()


@pytest.mark.parametrize(("only", "asked"), [("ownership", ["matching"]), ("identity", ["identity"])])
def test_one_question_alone(jibit: Jibit, only: str, asked: list[str]) -> None:
    run(**{only: True})
    assert jibit.asked == asked


def test_a_field_that_differs_is_named(jibit: Jibit) -> None:
    told = run(first_name="زهرا", identity=True)
    assert "Identity does not match" in told
    assert "first name: Differs from the registry" in told
    assert "last name: Agrees with the registry" in told


def test_what_is_not_an_argument_is_asked_for(jibit: Jibit, monkeypatch: pytest.MonkeyPatch) -> None:
    prompts: list[str] = []

    def type_in(prompt: str) -> str:
        prompts.append(prompt)
        return [MARYAM.national_code, "09000000321"][len(prompts) - 1]

    monkeypatch.setattr("builtins.input", type_in)
    assert "The mobile is the person's own" in run(national_code=None, mobile=None, ownership=True)
    assert prompts == ["national code, 10 digits: ", "mobile, 09…: "]


def test_without_a_terminal_it_says_what_is_missing(jibit: Jibit, monkeypatch: pytest.MonkeyPatch) -> None:
    def end(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", end)
    with pytest.raises(CommandError, match="--national-code is missing"):
        run(national_code=None)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("national_code", "123"),
        ("mobile", "0912"),
        ("first_name", "Maryam"),
        ("gender", "x"),
        ("birth_date", "1992-04-03"),
        ("certificate_number", "الف"),
    ],
)
def test_what_the_portal_would_refuse_is_not_asked(jibit: Jibit, name: str, typed: str) -> None:
    with pytest.raises(CommandError, match=f"--{name.replace('_', '-')}: ") as caught:
        run(**{name: typed})
    assert caught.value.returncode == 1
    assert jibit.received == []


@pytest.mark.parametrize("name", ["certificate_serial", "certificate_series_letter", "certificate_series_number"])
def test_parts_of_the_certificate_may_be_left_out(jibit: Jibit, name: str) -> None:
    assert "Not compared" in run(**{name: " "})


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_is_explained(jibit: Jibit, code: str) -> None:
    jibit.refusals.extend([(400, code)])
    told = run_in_vain(ownership=True)
    meaning, remedy = ADVICE[CODES[code]]
    assert code in told
    assert f"What happened: {meaning}." in told
    assert f"What to do: {remedy}." in told
    assert "nobody is refused because of this" in told


def test_every_kind_of_failure_has_advice() -> None:
    assert set(ADVICE) == set(FailureKind)


def test_the_second_question_is_asked_though_the_first_failed(jibit: Jibit) -> None:
    jibit.refusals.append((400, "handler.not_found"))
    told = run_in_vain()
    assert "may not use this service" in told
    assert "Identity matches" in told


def test_wrong_keys(jibit: Jibit, settings: Settings) -> None:
    settings.JIBIT_API_KEY = "of another account"
    assert "does not accept the keys or passwords" in run_in_vain(ownership=True)


def test_a_service_that_is_left_alone_is_asked_all_the_same(jibit: Jibit) -> None:
    jibit.broken = Fault.BAD_GATEWAY
    for _ in range(6):
        assert "Nothing came back from the service" in run_in_vain(ownership=True)
    jibit.broken = None
    assert "The mobile is the person's own" in run(ownership=True)


def test_the_reference_registry_can_be_asked_too(settings: Settings) -> None:
    settings.IDENTITY_BACKEND = "reference"
    told = run_in_vain(ownership=True)
    assert "No answer: reference registry is empty" in told
    assert "no answer that a decision could rest on" in told


@pytest.mark.parametrize("broken", [None, Fault.BAD_GATEWAY])
def test_what_was_typed_is_neither_repeated_nor_logged(
    jibit: Jibit, broken: Fault | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    jibit.broken = broken
    assert_gives_nothing_away((run_in_vain() if broken else run()) + caplog.text)
