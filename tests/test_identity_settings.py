"""The settings of the identity services: what is refused at the start, what the operator reads, what must be https."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tamin_portal import checks, env
from tests.production import manage
from tests.test_settings import load

JIBIT: dict[str, str | None] = {
    "IDENTITY_BACKEND": "jibit",
    "JIBIT_API_KEY": "kept-to-itself",
    "JIBIT_SECRET_KEY": "kept-to-itself",
}
GSB: dict[str, str | None] = {
    "IDENTITY_BACKEND": "gsb",
    "GSB_BASE_URL": "https://gsb.example.ir/",
    "GSB_IDENTITY_PATH": "/api/client/apim/v1/registry/getEstelam3",
    "GSB_CLIENT": "client:kept-to-itself",
    "GSB_USERNAME": "organization",
    "GSB_PASSWORD": "kept-to-itself",
    "GSB_BASIC_AUTHORIZATION": "Basic dTpw",
    "GSB_PID": "5dfa246bb6c8160317ac753e",
    "GSB_REQUEST_PREFIX": "1279",
}
REFUSED = [
    *(("jibit", name, value) for name in ("JIBIT_API_KEY", "JIBIT_SECRET_KEY") for value in (None, "", " ")),
    ("jibit", "JIBIT_BASE_URL", "http://napi.jibit.ir/ide"),
    ("jibit", "JIBIT_BASE_URL", "https://user:pw@napi.jibit.ir"),
    *(("gsb", name, None) for name in GSB if name != "IDENTITY_BACKEND"),
    ("gsb", "GSB_BASE_URL", "http://gsb.example.ir"),
    ("gsb", "GSB_IDENTITY_PATH", "api/getEstelam3"),
    ("gsb", "GSB_IDENTITY_PATH", "https://gsb.example.ir/api"),
    ("gsb", "GSB_OWNERSHIP_PATH", "/api/?x=1"),
    ("gsb", "GSB_REQUEST_PREFIX", "12a9"),
    ("gsb", "GSB_REQUEST_PREFIX", "۱۲۷۹"),
    ("gsb", "GSB_NOT_FOUND_TEXTS", "یا"),
    ("jibit", "LIMIT_INQUIRIES_PER_NATIONAL_CODE", "10"),
]


@pytest.mark.parametrize(("backend", "name", "value"), REFUSED)
def test_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, backend: str, name: str, value: str | None) -> None:
    with pytest.raises(env.UnusableSetting) as refusal:
        load(monkeypatch, **{**(JIBIT if backend == "jibit" else GSB), name: value})
    assert str(refusal.value.code).startswith(f"{name}: ")


def test_another_backend_needs_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, IDENTITY_BACKEND="reference")
    assert settings["JIBIT_BASE_URL"] == "https://napi.jibit.ir/ide"
    assert settings["LIMIT_INQUIRIES_PER_NATIONAL_CODE"] == [(10, 86_400)]


def test_everything_of_gsb(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, **GSB, GSB_NOT_FOUND_TEXTS="یافت نشد, وجود ندارد", GSB_IDENTITY_PID="other")
    assert settings["GSB_BASE_URL"] == "https://gsb.example.ir"
    assert settings["GSB_OWNERSHIP_PATH"] == "/api/client/apim/v1/shahkar/gwsh/serviceIDmatching"
    assert settings["GSB_CLIENT"] == "Y2xpZW50OmtlcHQtdG8taXRzZWxm"  # client:kept-to-itself
    assert settings["GSB_BASIC_AUTHORIZATION"] == "dTpw"
    assert settings["GSB_NOT_FOUND_TEXTS"] == ["یافت نشد", "وجود ندارد"]
    assert settings["GSB_IDENTITY_PID"] == "other"


SECRETS = ["JIBIT_API_KEY", "JIBIT_SECRET_KEY", "GSB_CLIENT", "GSB_BASIC_AUTHORIZATION", "GSB_USERNAME", "GSB_PASSWORD"]


@pytest.mark.parametrize("name", [*SECRETS, "GSB_PID", "GSB_IDENTITY_PID"])
def test_secrets_come_from_files_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("from-a-file\n", encoding="utf-8")
    given = {**(JIBIT if name.startswith("JIBIT") else GSB), name: None, f"{name}_FILE": str(tmp_path / name)}
    assert load(monkeypatch, **given)[name] == "from-a-file"


def test_the_operator_reads_one_line_and_no_secret() -> None:
    variants = [{**JIBIT, "JIBIT_API_KEY": None}, {**GSB, "GSB_PASSWORD": None}]
    for variant, ended in zip(variants, manage(["check"], variants), strict=True):
        assert (ended.returncode, ended.stdout) == (1, "")
        assert ended.stderr.startswith(tuple(f"{name}: " for name, value in variant.items() if value is None))
        assert ended.stderr.count("\n") == 1
        assert "kept-to-itself" not in ended.stderr


@pytest.mark.parametrize("name", ["JIBIT_BASE_URL", "GSB_BASE_URL"])
@pytest.mark.parametrize(("address", "refused"), [("http://127.0.0.1:9", True), ("https://a.example", False)])
def test_the_deploy_check_wants_https(settings: Settings, name: str, address: str, refused: bool) -> None:
    setattr(settings, name, address)
    found: list[Any] = [message.id for message in checks.safe_for_citizens(None)]
    assert ("portal.E005" in found) is refused
