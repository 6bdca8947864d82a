"""The settings as a whole: what production gets by saying nothing, what is refused at the start with one line."""

import os
import runpy
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tamin_portal import env
from tests.production import PRODUCTION, ROOT, environment, manage


def load(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> dict[str, Any]:
    """The settings as they come out of this environment."""
    chosen = environment(changes)
    for name in set(os.environ) - set(chosen):
        monkeypatch.delenv(name)
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "tamin_portal" / "settings.py"))


REFUSED: list[tuple[str, dict[str, str | None]]] = [
    ("SECRET_KEY", {"SECRET_KEY": None}),
    ("SECRET_KEY", {"SECRET_KEY": "x" * 49}),
    ("SECRET_KEY_FILE", {"SECRET_KEY": None, "SECRET_KEY_FILE": "no/such/file"}),
    ("SECRET_KEY_FALLBACKS", {"SECRET_KEY_FALLBACKS": f"{PRODUCTION['SECRET_KEY']} {'x' * 49}"}),
    ("CODES_KEY", {"CODES_KEY": "x" * 49}),
    ("FACTORS_KEY_FALLBACKS", {"FACTORS_KEY_FALLBACKS": "x" * 49}),
    ("DATABASE_URL", {"DATABASE_URL": None}),
    ("DATABASE_URL", {"DATABASE_URL": "sqlite:///kept-to-itself"}),
    ("REDIS_URL", {"REDIS_URL": None}),
    ("REDIS_URL", {"REDIS_URL": "memcached://kept-to-itself"}),
    ("DEBUG", {"DEBUG": "true"}),
    ("HTTPS", {"HTTPS": "1"}),
    ("PORTAL_HOST", {"PORTAL_HOST": "https://portal.example.ir"}),
    ("ALLOWED_HOSTS", {"ALLOWED_HOSTS": "https://portal.example.ir"}),
    ("TRUSTED_PROXIES", {"TRUSTED_PROXIES": "nginx"}),
    ("ADMIN_PATH", {"ADMIN_PATH": "<desk>"}),
    ("STAFF_SECOND_FACTOR", {"STAFF_SECOND_FACTOR": "on"}),
    ("METRICS_TOKEN", {"METRICS_TOKEN": "kept-to-itself"}),
    ("METRICS_TOKEN", {"METRICS_TOKEN": "two words which together are long enough"}),
    ("METRICS_TOKEN", {"METRICS_TOKEN": "of-twenty-four-signs-or-more", "METRICS_TOKEN_FILE": "not/both"}),
    ("SECURITY_CONTACT", {"SECURITY_CONTACT": "security@example.ir"}),
    ("SECURITY_CONTACT", {"SECURITY_CONTACT": "http://portal.example.ir/contact"}),
    ("SECURITY_CONTACT", {"SECURITY_CONTACT": "mailto:a@example.ir\nExpires: never"}),
    ("LANGUAGE_CODE", {"LANGUAGE_CODE": "fa-ir"}),
    ("SMS_BACKEND", {"SMS_BACKEND": "smtp"}),
    ("KAVENEGAR_BASE_URL", {"KAVENEGAR_BASE_URL": "http://api.kavenegar.com"}),
    ("KAVENEGAR_MIN_CREDIT", {"KAVENEGAR_MIN_CREDIT": "-1"}),
    ("KAVENEGAR_CALLBACK_SECRET", {"KAVENEGAR_CALLBACK_SECRET": "kept-to-itself"}),
    ("KAVENEGAR_CALLBACK_SECRET", {"KAVENEGAR_CALLBACK_SECRET": "kept/to/itself/" * 3}),
    ("IDENTITY_BACKEND", {"IDENTITY_BACKEND": "oracle"}),
    ("REGISTRATION_FLOWS", {"REGISTRATION_FLOWS": "portal,portal"}),
    ("DECISION_HOURS", {"DECISION_HOURS": "0"}),
    ("NATIONAL_CODE_ALLOW_REPEATED", {"NATIONAL_CODE_ALLOW_REPEATED": "0012345678"}),
    ("LIMIT_SENDS_PER_MOBILE", {"LIMIT_SENDS_PER_MOBILE": "none"}),
    ("LIMIT_UNCONFIRMED", {"LIMIT_UNCONFIRMED": "6"}),
    ("LIMIT_UNCONFIRMED_PER_IP", {"LIMIT_UNCONFIRMED_PER_IP": "0/300"}),
    ("LIMIT_UNCONFIRMED_PER_NETWORK", {"LIMIT_UNCONFIRMED_PER_NETWORK": "300/"}),
    ("LIMIT_SIGN_IN_PER_NATIONAL_CODE", {"LIMIT_SIGN_IN_PER_NATIONAL_CODE": "5/"}),
    ("LIMIT_SIGN_IN_PER_IP", {"LIMIT_SIGN_IN_PER_IP": "-1/300"}),
    ("LIMIT_TRACKING_PER_IP", {"LIMIT_TRACKING_PER_IP": "10 per hour"}),
    ("LIMIT_TRACKING_PER_NATIONAL_CODE", {"LIMIT_TRACKING_PER_NATIONAL_CODE": "5/1h"}),
]


@pytest.mark.parametrize(("name", "changes"), REFUSED, ids=str)
def test_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, name: str, changes: dict[str, str | None]) -> None:
    with pytest.raises(env.UnusableSetting) as refusal:
        load(monkeypatch, **changes)
    assert str(refusal.value.code).startswith(f"{name}: ")


def test_the_operator_reads_one_line_and_no_secret() -> None:
    variants: list[dict[str, str | None]] = [
        {"SECRET_KEY": "kept-to-itself"},
        {"DATABASE_URL": "postgresql://portal:kept-to-itself@h:port/portal"},
        {"REDIS_URL": "redis://:kept-to-itself@h:port/0"},
        {"KAVENEGAR_BASE_URL": "https://portal:kept-to-itself@api.kavenegar.com"},
        {"KAVENEGAR_SENDER": " "},
        {"SMS_BACKEND": "no.such.Provider"},
        {"KAVENEGAR_API_KEY": None, "KAVENEGAR_API_KEY_FILE": "kept-to-itself/kavenegar"},
    ]
    for changes, ended in zip(variants, manage(["check"], variants), strict=True):
        line = ended.stderr.removesuffix("\n")
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "\n" not in line
        assert line.startswith(tuple(f"{name}: " for name in changes))
        assert "kept-to-itself" not in line


def test_what_production_gets_by_saying_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load(monkeypatch, DATA_DIR=str(tmp_path), SMS_BACKEND=None, TRUSTED_PROXIES=None)

    assert settings["DEBUG"] is False
    assert settings["SMS_BACKEND"] == ["kavenegar"]
    assert settings["KAVENEGAR_BASE_URL"] == "https://api.kavenegar.com"
    assert settings["ALLOWED_HOSTS"] == ["portal.example.ir"]
    assert settings["ADMIN_PATH"] == "desk/"
    assert settings["STAFF_SECOND_FACTOR"] == "required"
    assert settings["METRICS_TOKEN"] == ""
    assert settings["DECISION_HOURS"] == 48
    assert settings["LANGUAGE_CODE"] == "fa"
    assert settings["TRUSTED_PROXIES"] == []
    assert settings["SECURE_PROXY_SSL_HEADER"] is None  # nobody's word counts
    assert settings["NATIONAL_CODE_ALLOW_REPEATED"] == {"1111111111"}
    for cookie in ("SESSION", "CSRF", "LANGUAGE"):
        assert settings[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert settings[f"{cookie}_COOKIE_SECURE"] is settings[f"{cookie}_COOKIE_HTTPONLY"] is True
        assert settings[f"{cookie}_COOKIE_SAMESITE"] in {"Lax", "Strict"}
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SECURE_HSTS_SECONDS"] >= 31_536_000


# docs/contract.md, limits.
LIMITS = {
    "LIMIT_SENDS_PER_MOBILE": [(1, 120), (3, 900), (5, 3600), (8, 86_400)],
    "LIMIT_UNCONFIRMED_PER_IP": [(60, 300), (200, 3600)],
    "LIMIT_UNCONFIRMED_PER_NETWORK": [(300, 300), (1000, 3600)],
    "LIMIT_UNCONFIRMED": [(2000, 300)],
    "LIMIT_SIGN_IN_PER_NATIONAL_CODE": [(5, 60), (10, 900), (20, 3600)],
    "LIMIT_SIGN_IN_PER_IP": [(30, 300)],
    "LIMIT_TRACKING_PER_IP": [(60, 3600)],
    "LIMIT_TRACKING_PER_NATIONAL_CODE": [(5, 3600)],
    "LIMIT_SERVICES_PER_IP": [(600, 300)],
    "LIMIT_SERVICE_FAILURES_PER_IP": [(60, 300)],
    "LIMIT_ALL_SERVICE_FAILURES_PER_IP": [(600, 300)],
}


def test_limits_are_those_of_the_contract_and_each_has_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch)
    assert {name: settings[name] for name in LIMITS} == LIMITS

    changed = load(monkeypatch, **dict.fromkeys(LIMITS, "7/70,9/900"))
    assert [changed[name] for name in LIMITS] == [[(7, 70), (9, 900)]] * len(LIMITS)


def test_lifetimes_and_sizes_are_those_of_the_contract(settings: Settings) -> None:
    assert settings.WIZARD_IDLE_SECONDS == 30 * 60
    assert settings.SESSION_IDLE_SECONDS == 15 * 60
    assert (settings.CITIZEN_SESSION_SECONDS, settings.STAFF_SESSION_SECONDS) == (4 * 3600, 8 * 3600)
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == 32 * 1024
    assert (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS, settings.DATA_UPLOAD_MAX_NUMBER_FILES) == (60, 0)


def test_secrets_come_from_files_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "KAVENEGAR_API_KEY")
    files: dict[str, str | None] = {}
    for name in names:
        (tmp_path / name).write_text(PRODUCTION[name] + "\n", encoding="utf-8")
        files |= {name: None, f"{name}_FILE": str(tmp_path / name)}

    settings = load(monkeypatch, **files)

    assert settings["SECRET_KEY"] == PRODUCTION["SECRET_KEY"]
    assert settings["DATABASES"]["default"]["PASSWORD"] == "kept-to-itself"
    assert settings["REDIS_URL"] == PRODUCTION["REDIS_URL"]
    assert settings["KAVENEGAR_API_KEY"] == "kept-to-itself"


def test_secrets_come_from_credentials_of_systemd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Under their names in small letters; what a variable says goes first."""
    (tmp_path / "secret_key").write_text(PRODUCTION["SECRET_KEY"][::-1] + "\n", encoding="utf-8")
    (tmp_path / "database_url").write_text("postgresql://portal@of-the-credential/portal\n", encoding="utf-8")
    settings = load(monkeypatch, CREDENTIALS_DIRECTORY=str(tmp_path), SECRET_KEY=None)
    assert settings["SECRET_KEY"] == PRODUCTION["SECRET_KEY"][::-1]
    assert settings["DATABASES"]["default"]["HOST"] != "of-the-credential"
    settings = load(monkeypatch, CREDENTIALS_DIRECTORY=str(tmp_path), DATABASE_URL=None)
    assert settings["DATABASES"]["default"]["HOST"] == "of-the-credential"


def test_keys_and_what_is_accepted_beside_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A purpose without a secret of its own has an empty one; a file may hold several others, or none."""
    old, next_one = "a-" * 25 + "old", "a-" * 25 + "next"
    (tmp_path / "others").write_text(f"{old}\n{next_one}\n", encoding="utf-8")
    (tmp_path / "none").write_text("", encoding="utf-8")
    settings = load(
        monkeypatch,
        SECRET_KEY_FALLBACKS_FILE=str(tmp_path / "others"),
        CODES_KEY=next_one,
        CODES_KEY_FALLBACKS=old,
        TOKENS_KEY_FILE=str(tmp_path / "none"),
        TOKENS_KEY_FALLBACKS_FILE=str(tmp_path / "none"),
        FACTORS_KEY_FALLBACKS=next_one,
    )
    assert (settings["SECRET_KEY"], settings["SECRET_KEY_FALLBACKS"]) == (PRODUCTION["SECRET_KEY"], [old, next_one])
    assert (settings["CODES_KEY"], settings["CODES_KEY_FALLBACKS"]) == (next_one, [old])
    assert (settings["TOKENS_KEY"], settings["TOKENS_KEY_FALLBACKS"]) == ("", [])
    assert (settings["FACTORS_KEY"], settings["FACTORS_KEY_FALLBACKS"]) == ("", [next_one])


def test_plain_http_is_for_development_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, HTTPS="off")

    assert (settings["SESSION_COOKIE_NAME"], settings["CSRF_COOKIE_NAME"]) == ("session", "csrf")
    assert settings["SESSION_COOKIE_SECURE"] is settings["SECURE_SSL_REDIRECT"] is False
    assert settings["SECURE_HSTS_SECONDS"] == 0


def test_with_a_proxy_its_word_about_tls_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch)["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
