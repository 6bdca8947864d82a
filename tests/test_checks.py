"""`manage.py check --deploy --fail-level WARNING`: green in production, red for every unsafe setting."""

import ipaddress
import re
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.conf import settings as django_settings
from pytest_django import Settings

from registration.identity import check
from sms.limits import wrong_codes
from sms.outbox import delivery
from sso import keys
from sso import retention as services
from tamin_portal import checks
from tests.production import PRODUCTION, manage

DEPLOY = ["check", "--deploy", "--fail-level", "WARNING"]

KEYS = [PRODUCTION["SECRET_KEY"], "wQ7-sJr2Xk_9vTn4bZy6LhCm8fRd1GpA3eUoViS5xHqKtDjWzEa0NcB"]
SAFE: dict[str, Any] = {
    "DEBUG": False,
    "HTTPS": True,
    "SMS_BACKEND": ["kavenegar"],
    "KAVENEGAR_API_KEY": "kept-to-itself",
    "KAVENEGAR_BASE_URL": "https://api.kavenegar.com",
    "IDENTITY_BACKEND": "reference",
    "REFERENCE_REGISTRY_IS_REAL": True,
    "ALLOWED_HOSTS": ["portal.example.ir"],
    "PORTAL_HOST": "portal.example.ir",
    "TRUSTED_PROXIES": [ipaddress.ip_network("10.0.0.0/8")],
    "STAFF_SECOND_FACTOR": "required",
    "SECURITY_CONTACT": ["mailto:security@example.ir"],
    "SECRET_KEY": KEYS[0],
}
EVERYBODY = ipaddress.ip_network("0.0.0.0/0")
UNSAFE: list[tuple[str, dict[str, Any]]] = [
    ("E001", {"DEBUG": True}),
    ("E002", {"HTTPS": False}),
    ("E003", {"SMS_BACKEND": ["handset"]}),
    ("E003", {"SMS_BACKEND": ["console"]}),
    ("E003", {"SMS_BACKEND": ["kavenegar", "memory"]}),
    ("E003", {"SMS_BACKEND": ["sms.backends.memory.Memory"]}),
    ("E004", {"KAVENEGAR_BASE_URL": "http://localhost:8080"}),
    ("E006", {"REFERENCE_REGISTRY_IS_REAL": False}),
    ("E007", {"ALLOWED_HOSTS": ["portal.example.ir", "*"]}),
    ("E008", {"PORTAL_HOST": "localhost:8000", "ALLOWED_HOSTS": ["localhost"]}),
    ("E009", {"ALLOWED_HOSTS": ["other.example.ir"]}),
    ("E010", {"TRUSTED_PROXIES": [*SAFE["TRUSTED_PROXIES"], EVERYBODY]}),
    ("E010", {"TRUSTED_PROXIES": [ipaddress.ip_network("::/0")]}),
    ("E011", {"STAFF_SECOND_FACTOR": "off"}),
    ("E013", {"SECURITY_CONTACT": []}),
    ("E014", {"SECRET_KEY": "a1" * 25}),
    ("E014", {"SECRET_KEY_FALLBACKS": ["django-insecure-" + KEYS[1]]}),
    ("E014", {"FACTORS_KEY": "0123456789abcdef" * 4}),
    ("E014", {"CODES_KEY_FALLBACKS": ["password1" * 6]}),
    ("E015", {"TOKENS_KEY": KEYS[0]}),
    ("E015", {"CODES_KEY": KEYS[1], "FINGERPRINTS_KEY_FALLBACKS": [KEYS[1]]}),
    ("E015", {"METRICS_TOKEN": KEYS[1], "SECRET_KEY_FALLBACKS": [KEYS[1]]}),
    ("E016", {"SSO_KEYS_FILE": "/no/such/file"}),
]


def found(settings: Settings, values: dict[str, Any]) -> list[str | None]:
    for name, value in {**SAFE, **values}.items():
        setattr(settings, name, value)
    keys.current.forget()
    return [message.id for message in checks.safe_for_citizens(None)]


def test_safe_settings_pass(settings: Settings) -> None:
    assert found(settings, {}) == []
    assert found(settings, {"PORTAL_HOST": "portal.example.ir:8443", "ALLOWED_HOSTS": [".example.ir"]}) == []


@pytest.mark.parametrize(("number", "values"), UNSAFE, ids=str)
def test_each_unsafe_setting_has_its_own_error(settings: Settings, number: str, values: dict[str, Any]) -> None:
    assert found(settings, values) == [f"portal.{number}"]


def test_as_the_operator_runs_it() -> None:
    unsafe: dict[str, str | None] = {
        "DEBUG": "on",
        "HTTPS": "off",
        "SMS_BACKEND": "handset,kavenegar",
        "KAVENEGAR_BASE_URL": "http://localhost:8080",
        "REFERENCE_REGISTRY_IS_REAL": None,
        "ALLOWED_HOSTS": "*",
        "PORTAL_HOST": None,
        "TRUSTED_PROXIES": "0.0.0.0/0",
        "STAFF_SECOND_FACTOR": "off",
        "SECURITY_CONTACT": None,
        "CODES_KEY": "kept-to-itself" * 4,
        "TOKENS_KEY_FALLBACKS": PRODUCTION["SECRET_KEY"],
        "SSO_KEYS_FILE": "/no/such/file",
    }
    green, red, mistaken = manage(DEPLOY, [{}, unsafe, {"ALLOWED_HOSTS": "other.example.ir"}])

    assert (green.returncode, green.stderr) == (0, "")
    assert "no issues" in green.stdout
    assert red.returncode == mistaken.returncode == 1
    expected = {number for number, _ in UNSAFE} - {"E009"}
    assert set(re.findall(r"portal\.(E[0-9]+)", red.stderr)) == expected
    assert re.findall(r"portal\.(E[0-9]+)", mistaken.stderr) == ["E009"]
    assert "kept-to-itself" not in green.stdout + red.stderr + mistaken.stderr


def lease_errors() -> list[str | None]:
    return [message.id for message in checks.lease_arithmetic(None)]


def test_work_ends_before_its_lease() -> None:
    assert lease_errors() == []


@pytest.mark.parametrize("queue", ["codes", "texts"])
@pytest.mark.parametrize(
    ("name", "not_before"),
    [("SEND_SECONDS", "STOP_SECONDS"), ("STOP_SECONDS", "LEASE_SECONDS")],
)
def test_messages_have_time(monkeypatch: pytest.MonkeyPatch, name: str, not_before: str, queue: str) -> None:
    monkeypatch.setitem(getattr(delivery, name), queue, getattr(delivery, not_before)[queue])
    assert lease_errors() == ["portal.E020"]


@pytest.mark.parametrize(("name", "value"), [("WORK_SECONDS", 90), ("HELD_SECONDS", 40)])
def test_identity_checks_have_time(monkeypatch: pytest.MonkeyPatch, name: str, value: int) -> None:
    monkeypatch.setattr(check, name, value)
    assert lease_errors() == ["portal.E020"]


def test_sign_ins_at_services_outlive_their_session(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    assert checks.sign_ins_are_kept_while_they_can_end(None) == []
    monkeypatch.setattr(services, "ENDED_LIFETIME", timedelta(hours=3))
    [error] = checks.sign_ins_are_kept_while_they_can_end(None)
    assert error.id == "portal.E023"


DAY = 86_400


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("LIMIT_SENDS_PER_MOBILE", 30 * DAY),
        ("LIMIT_UNCONFIRMED_PER_IP", 30 * DAY),
        ("LIMIT_UNCONFIRMED_PER_NETWORK", 30 * DAY),
        ("LIMIT_UNCONFIRMED", 30 * DAY),
        ("LIMIT_SIGN_IN_PER_NATIONAL_CODE", 30 * DAY),
        ("LIMIT_SIGN_IN_PER_IP", 30 * DAY),
        ("LIMIT_TRACKING_PER_IP", 30 * DAY),
        ("LIMIT_TRACKING_PER_NATIONAL_CODE", 30 * DAY),
        ("LIMIT_ANSWERS", 30 * DAY),
        ("LIMIT_SERVICES_PER_IP", 30 * DAY),
        ("LIMIT_SERVICE_FAILURES_PER_IP", 30 * DAY),
        ("LIMIT_ALL_SERVICE_FAILURES_PER_IP", 30 * DAY),
        ("LIMIT_INQUIRIES_PER_NATIONAL_CODE", 30 * DAY),
    ],
)
def test_limits_count_rows_that_are_still_there(settings: Settings, name: str, kept: int) -> None:
    setattr(settings, name, [(1, 60), (5, kept)])
    assert checks.limits_count_rows_that_live(None) == []
    setattr(settings, name, [(1, 60), (5, kept + 1)])
    [error] = checks.limits_count_rows_that_live(None)
    assert error.id == "portal.E022"
    assert error.msg == f"{name} counts for {kept + 1} s, but what it counts is deleted after {kept} s."


def test_wrong_codes_count_challenges_that_are_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.limits_count_rows_that_live(None) == []
    monkeypatch.setattr(wrong_codes, "WRONG_CODES_PER_MOBILE", (15, 2 * DAY + 1))
    [error] = checks.limits_count_rows_that_live(None)
    assert error.msg.startswith("WRONG_CODES_PER_MOBILE ")


def test_every_limit_is_counted_in_rows_that_live(settings: Settings) -> None:
    """Those of Redis, too: while that is away."""
    every = {name for name in dir(django_settings) if name.startswith("LIMIT_")}
    for name in every:
        setattr(settings, name, [(1, 10**8)])
    errors = checks.limits_count_rows_that_live(None)
    assert {error.msg.partition(" ")[0] for error in errors} == every


@pytest.mark.parametrize(
    ("address", "errors"),
    [
        ("redis://:pw@redis:6379/0", []),
        ("rediss://redis", []),
        ("redis+socket:///run/redis.sock?virtual_host=1", []),
        ("amqp://guest@localhost//", ["portal.E021"]),
        ("memory://", ["portal.E021"]),
    ],
)
def test_messages_go_to_our_redis(monkeypatch: pytest.MonkeyPatch, address: str, errors: list[str]) -> None:
    monkeypatch.setattr(current_app.conf, "broker_url", address)
    assert [message.id for message in checks.broker_is_ours(None)] == errors
