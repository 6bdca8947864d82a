"""Every helper that reads the environment: what it takes, and the one line with which it refuses the rest."""

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tamin_portal import env

NAME = "SOME_SETTING"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.delenv(f"{NAME}_FILE", raising=False)
    return lambda value: monkeypatch.setenv(NAME, value)


def refuses(helper: Callable[[], Any], name: str = NAME) -> str:
    """Refused with one line that names the variable and says what it takes; returns the line."""
    with pytest.raises(env.UnusableSetting) as refusal:
        helper()
    line = str(refusal.value.code)
    assert line.startswith(f"{name}: ")
    assert line.endswith(".")
    assert len(line) > len(name) + 10
    assert "\n" not in line
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None  # no traceback tells it either
    return line


HELPERS: dict[str, tuple[Callable[[], Any], dict[str, Any], list[str]]] = {
    "switch": (
        lambda: env.switch(NAME, "off"),
        {"on": True, "off": False, " on ": True, "": False},
        ["yes", "On", "1", "true", "on,off"],
    ),
    "choice": (
        lambda: env.choice(NAME, ("fa", "en"), "fa"),
        {"en": "en", "": "fa", "   ": "fa"},
        ["de", "FA", "fa en", "fa,en"],
    ),
    "choices": (
        lambda: env.choices(NAME, ("a", "b", "c"), "a"),
        {"": ["a"], "b": ["b"], "c, a": ["c", "a"], ",b,": ["b"]},
        ["d", "a,a", "a;b", ",", "a b"],
    ),
    "choices or classes": (
        lambda: env.choices(NAME, ("a", "b"), "a", classes=True),
        {"": ["a"], "b,our.sms.Second": ["b", "our.sms.Second"], "x.Y": ["x.Y"]},
        ["d", "a,x.Y,x.Y", ".Y", "x.", "x..Y", "x.Y()", "x/y.Z", "1x.Y", "x.Y\nz"],
    ),
    "number": (
        lambda: env.number(NAME, 48, 1, 720),
        {"": 48, "1": 1, "720": 720, " 24 ": 24, "007": 7},
        ["0", "721", "-1", "4.5", "4e1", "۴۸", "1_0", "0x10", "four", "9" * 30],
    ),
    "limit": (
        lambda: env.limit(NAME, "5/60"),
        {"": [(5, 60)], "1/120,3/900": [(1, 120), (3, 900)], " 8/86400 , ": [(8, 86400)]},
        [
            "5",
            "5/",
            "/60",
            "0/60",
            "5/0",
            "5/60;3/900",
            "-5/60",
            "5 / 60",
            "۵/۶۰",
            "5/60/7",
            "5/1h",
            ",",
            "5/1" + "0" * 20,
        ],
    ),
    "networks": (
        lambda: env.networks(NAME),
        {
            "": [],
            "10.0.0.1": [ipaddress.ip_network("10.0.0.1/32")],
            "10.0.0.0/8, ::1": [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128")],
        },
        ["10.0.0.1/8", "proxy", "10.0.0", "10.0.0.0/33", "fe80::/200", "*"],
    ),
    "words": (
        lambda: env.words(NAME, "", "[0-9]{3}", "numbers of three digits"),
        {"": [], "123": ["123"], "123, 456": ["123", "456"]},
        ["12", "1234", "۱۲۳", "123;456"],
    ),
    "host": (
        lambda: env.host(NAME, "localhost"),
        {"": "localhost", "portal.example.ir": "portal.example.ir", "localhost:8000": "localhost:8000"},
        [
            "https://portal.example.ir",
            "portal.example.ir/",
            "a b",
            "portal.example.ir:http",
            "-a",
            "a.",
            "پرتال.ایران",
            "a\nb",
        ],
    ),
    "hosts": (
        lambda: env.hosts(NAME, "localhost"),
        {"": ["localhost"], "a.ir, .b.ir": ["a.ir", ".b.ir"], "*": ["*"], "[::1],127.0.0.1": ["[::1]", "127.0.0.1"]},
        ["https://a.ir", "a.ir:8000", "*.a.ir", "a.ir/desk", "a.ir b.ir"],
    ),
    "path": (
        lambda: env.path(NAME, "desk/"),
        {"": "desk/", "office": "office/", "/a/b-c_1/": "a/b-c_1/"},
        ["/", "<int:x>/", "a b", "میز", "a//b", "../a", "a?b"],
    ),
    "url": (
        lambda: env.url(NAME, "https://api.example.com"),
        {
            "": "https://api.example.com",
            "https://a.example/x/": "https://a.example/x",
            "https://a.example:8443": "https://a.example:8443",
            "http://localhost:1234": "http://localhost:1234",
            "http://127.0.0.1": "http://127.0.0.1",
            "http://[::1]:8080/": "http://[::1]:8080",
        },
        [
            "http://a.example",
            "http://localhost.example.com",
            "http://127.0.0.2",
            "http://[::2]",
            "https://",
            "https:///path",
            "api.example.com",
            "ftp://a.example",
            "https://user@a.example",
            "https://user:secret@a.example",
            "https://a.example\\@b.example",
            "https://a.example/?key=1",
            "https://a.example?",
            "https://a.example/#part",
            "https://a example",
            "https://a.example/\tb",
            "https://a.example:port",
            "https://[::1",
            "https://مثال.ایران",
        ],
    ),
    "database": (
        lambda: {key: env.database(NAME)[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")},
        {
            "postgresql://u:p%40ss@db.example:5433/portal?sslmode=require": {
                "NAME": "portal",
                "USER": "u",
                "PASSWORD": "p@ss",
                "HOST": "db.example",
                "PORT": "5433",
                "OPTIONS": {"sslmode": "require"},
            },
            "postgres://u@/portal?host=/run/pg": {
                "NAME": "portal",
                "USER": "u",
                "PASSWORD": "",
                "HOST": "/run/pg",
                "PORT": "",
                "OPTIONS": {},
            },
        },
        [
            "",
            "mysql://u@h/portal",
            "sqlite:///portal.db",
            "postgresql://u:p@h:5432/",
            "postgresql://u:p@h:port/portal",
            "postgresql://u:p@h/portal?nonsense=1",
            "postgresql://u:p%zz@h/portal",
            "host=h dbname=portal",
        ],
    ),
    "redis": (
        lambda: env.redis(NAME),
        {
            url: url
            for url in ("redis://:pw@h:6379/0", "rediss://h", "unix:///run/redis.sock?db=2", "redis://[::1]:6379/1")
        },
        [
            "",
            "localhost:6379",
            "http://h:6379",
            "redis://",
            "redis://h:port/0",
            "amqp://h",
            "unix://",
            "redis://h?db=x",
        ],
    ),
}
TAKEN = [(name, value) for name, (_, taken, _) in HELPERS.items() for value in taken]


@pytest.mark.parametrize(("helper", "value"), TAKEN)
def test_what_is_taken(given: Callable[[str], None], helper: str, value: str) -> None:
    read, taken, _ = HELPERS[helper]
    given(value)
    assert read() == taken[value]


@pytest.mark.parametrize("helper", HELPERS)
def test_what_is_refused(given: Callable[[str], None], helper: str) -> None:
    read, _, refused = HELPERS[helper]
    lines = set()
    for value in refused:
        given(value)
        lines.add(refuses(read))
    assert len(lines) == 1  # whatever the value is: it may be a secret, so the line holds nothing of it


def test_what_is_not_set_has_its_default(given: Callable[[str], None]) -> None:
    assert env.text(NAME, "default") == "default"
    assert env.number(NAME, 48, 1, 720) == 48
    assert env.url(NAME, "https://a.example") == "https://a.example"
    assert env.secret(NAME) == ""
    given("  text ")
    assert env.text(NAME, "default") == "text"


def test_a_secret_may_come_from_a_file(
    given: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text("  s3cret\n", encoding="utf-8")
    monkeypatch.setenv(f"{NAME}_FILE", str(file))
    assert env.secret(NAME) == "s3cret"
    given("")
    assert env.secret(NAME) == "s3cret"  # an empty variable is one that is not set

    given("another")
    assert "another" not in refuses(lambda: env.secret(NAME))


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xff"])
def test_a_secret_file_that_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv(f"{NAME}_FILE", str(file))

    assert str(file) not in refuses(lambda: env.secret(NAME), f"{NAME}_FILE")


def test_addresses_of_services_may_come_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in (("A", "postgresql://u:p@h/portal"), ("B", "redis://:p@h:6379/0")):
        (tmp_path / name).write_text(f"{value}\n", encoding="utf-8")
        monkeypatch.setenv(f"{name}_FILE", str(tmp_path / name))

    assert env.database("A")["PASSWORD"] == "p"
    assert env.redis("B") == "redis://:p@h:6379/0"


def test_what_is_needed() -> None:
    env.need(NAME, "value", "the name of something.")
    assert refuses(lambda: env.need(NAME, "", "the name of something.")) == f"{NAME}: the name of something."
