"""What the image and the proxy are given: read from the files that deploy them."""

import logging
import re
import runpy
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import Settings

from tests.source_code import ROOT

NGINX = {path.name: path.read_text("utf-8") for path in (ROOT / "deploy" / "nginx").glob("*.conf")}
COMPOSE = (ROOT / "docker-compose.yml").read_text("utf-8")


def let_in() -> set[str]:
    """What of the repository gets into the image: everything is left out but what a line with `!` names."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert lines[0] == "*"
    return {line.removeprefix("!") for line in lines if line.startswith("!")}


def test_the_image_holds_what_runs_and_nothing_else() -> None:
    own = {path.name for path in ROOT.iterdir() if path.is_dir()}
    assert {"tests", "devtools", "benchmarks", "docs", ".git"} & let_in() == set()
    assert let_in() & own >= {"accounts", "infra", "iran", "registration", "sms", "tamin_portal"}
    assert {name for name in let_in() if name.startswith("requirements")} == {
        "requirements.txt",
        "requirements-build.txt",
    }


def test_production_installs_no_tool_of_development() -> None:
    names = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text("ascii"), re.MULTILINE))
    assert names & {"pytest", "mypy", "ruff", "hypothesis", "playwright", "django-debug-toolbar", "bandit"} == set()
    assert not [app for app in settings.INSTALLED_APPS if re.search("debug|silk|test|browser", app)]


def test_the_proxy_speaks_todays_tls_alone() -> None:
    assert re.findall(r"ssl_protocols (.*);", NGINX["tls.conf"]) == ["TLSv1.2 TLSv1.3"]
    [ciphers] = re.findall(r"ssl_ciphers (.*);", NGINX["tls.conf"])
    for cipher in ciphers.split(":"):
        assert re.fullmatch(r"ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)", cipher)


def test_the_proxy_lists_no_directory_and_tells_no_version() -> None:
    for name, text in NGINX.items():
        assert "autoindex" not in text, name
    assert any("server_tokens off;" in text for text in NGINX.values())


def test_only_the_proxy_is_reached_from_outside() -> None:
    services = re.split(
        r"^  (?=[a-z]+:)", COMPOSE.partition("\nservices:\n")[2].partition("\nnetworks:\n")[0], flags=re.M
    )
    published = {part.partition(":")[0] for part in services if re.search(r"^    ports:", part, re.MULTILINE)}
    assert published == {"proxy"}
    assert re.search(r"^  back:[^\n]*\n    internal: true", COMPOSE, re.MULTILINE)


def test_secrets_are_random_and_made_once(tmp_path: Path) -> None:
    make = runpy.run_path(str(ROOT / "deploy" / "make_secrets.py"))["main"]
    first, second = tmp_path / "a", tmp_path / "b"
    for directory in (first, second):
        directory.mkdir()
        make(directory)
    names = {path.name for path in first.iterdir()}
    assert {"secret_key", "database_password", "redis_password"} <= names
    for name in {name for name in names if not name.endswith("_fallbacks")}:
        value = (first / name).read_text("ascii")
        assert len(value) >= 40
        assert value != (second / name).read_text("ascii")
    before = (first / "secret_key").read_text("ascii")
    make(first)
    assert (first / "secret_key").read_text("ascii") == before


def test_logs_go_to_standard_error_and_nowhere_else(settings: Settings) -> None:
    assert {handler["class"] for handler in settings.LOGGING["handlers"].values()} == {"logging.StreamHandler"}
    assert not any("stream" in handler for handler in settings.LOGGING["handlers"].values())
    named = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    ours = [handler for logger in named if logger.name.startswith("django") for handler in logger.handlers]
    assert [handler for handler in ours if not isinstance(handler, logging.StreamHandler | logging.NullHandler)] == []


@pytest.mark.parametrize("name", sorted(NGINX))
def test_no_line_of_the_access_log_holds_a_query(name: str) -> None:
    for line in NGINX[name].splitlines():
        if "log_format" in line:
            assert not re.search(r"\$(request_uri|request|args|query_string|http_referer|http_cookie)\b", line)
