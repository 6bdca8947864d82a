"""Log lines tell the type and the place of an exception, never its text; and nobody writes one but the portal."""

import datetime as dt
import json
import logging
import re
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from celery import current_app
from gunicorn.config import Config
from pytest_django import Settings

from infra import security_log
from sms import statistics
from tamin_portal.celery import app
from tamin_portal.logs import Formatter, JsonFormatter

ROOT = Path(__file__).resolve().parent.parent


def formatted(error: Exception) -> str:
    try:
        raise error
    except type(error):
        record = logging.LogRecord("any", logging.ERROR, __file__, 1, "message %s", (7,), sys.exc_info())
    return Formatter("%(levelname)s %(message)s").format(record)


def test_the_text_of_an_exception_stays_out() -> None:
    first, *place, kind = formatted(ValueError("0019990411")).splitlines()
    assert first == "ERROR message 7"
    assert len(place) == 1
    assert place[0].endswith(" in formatted")
    assert kind == "ValueError"


def test_what_led_to_it_is_told_unless_it_was_cut_off() -> None:
    error = ValueError("0019990411")
    error.__cause__ = KeyError("محمدی")
    log = formatted(error)
    assert log.splitlines().index("KeyError") < log.splitlines().index("ValueError")
    assert "0019990411" not in log
    assert "محمدی" not in log

    error = ValueError("x")
    error.__context__, error.__suppress_context__ = KeyError("y"), True
    assert "KeyError" not in formatted(error)


def test_no_value_forges_a_line_or_turns_it_around() -> None:
    record = logging.LogRecord("any", logging.INFO, __file__, 1, "%s", ("a\nINFO b\r\x1b[2J\u2028\u202ec\t\x85",), None)
    assert Formatter("%(message)s").format(record) == r"a\nINFO b\r\x1b[2J\u2028\u202ec\t\x85"


def test_a_line_tells_its_moment_with_the_offset(log: StringIO) -> None:
    logging.getLogger("any").info("something")
    moment, level, name, request, *words = log.getvalue().split()
    assert dt.datetime.fromisoformat(moment).utcoffset() is not None
    assert re.search("[+-][0-9]{2}:[0-9]{2}$", moment)
    assert (level, name, request, words) == ("INFO", "any", "[-]", ["something"])


def test_in_development_the_text_helps(settings: Settings) -> None:
    settings.DEBUG = True
    assert "ValueError: what is wrong" in formatted(ValueError("what is wrong"))


def test_a_task_that_fails_tells_no_more(monkeypatch: pytest.MonkeyPatch, log: StringIO) -> None:
    """Celery writes the exception's text and the arguments into the line itself."""

    def fail(queue: str) -> None:
        raise ValueError("0019990411")

    monkeypatch.setattr(statistics, "beat", fail)
    current_app.tasks["sms.heartbeat"].apply(args=("an argument",))

    written = log.getvalue()
    assert "sms.heartbeat" in written
    assert "ValueError" in written
    assert "0019990411" not in written
    assert "an argument" not in written


def test_no_address_forges_a_line_of_the_access_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gunicorn's own logger writes a path decoded, line ends and escape sequences included; here Django has put the
    text in its place, which Latin-1 does not hold."""
    config = Config()
    for name, value in run_path(str(ROOT / "deploy/gunicorn.conf.py")).items():
        if name in config.settings:
            config.set(name, value)
    environ = {"SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": "GET"}
    environ["PATH_INFO"] = "/شعبه\nGET /forged 200\x1b[2J"
    environ["RAW_URI"] = f"{quote(environ['PATH_INFO'])}?national_code=0019990411"
    lines = StringIO()
    log = config.logger_class(config)
    monkeypatch.setattr(log.access_log, "handlers", [logging.StreamHandler(lines)])
    log.access(
        SimpleNamespace(status="404 Not Found", sent=7, headers=[("X-Request-ID", "0123456789abcdef")]),
        [],
        environ,
        timedelta(milliseconds=3),
    )
    time, _, rest = lines.getvalue().partition("] ")
    assert re.fullmatch(r"\[[0-9]{2}/[A-Z][a-z]{2}/[0-9:]{13} [+-][0-9]{4}", time)
    assert rest == "[0123456789abcdef] GET /%D8%B4%D8%B9%D8%A8%D9%87%0AGET%20/forged%20200%1B%5B2J 404 7B 3ms\n"


def test_a_line_may_be_json_and_says_the_same() -> None:
    """LOG_FORMAT=json: one object, whatever is in the message; of an exception the type and the places alone."""
    try:
        raise ValueError("0019990411")
    except ValueError:
        record = logging.LogRecord("sms.any", logging.ERROR, __file__, 1, 'a "message"\n%s', (7,), sys.exc_info())
    with security_log.visit("198.18.0.1", "portal") as request_id:
        written = JsonFormatter().format(record)
    assert "\n" not in written
    assert "0019990411" not in written
    line = json.loads(written)
    dt.datetime.fromisoformat(line.pop("time"))
    place, kind = line.pop("trace")
    assert place.endswith(" in test_a_line_may_be_json_and_says_the_same")
    assert kind == "ValueError"
    assert line == {"level": "ERROR", "logger": "sms.any", "request": request_id, "message": 'a "message"\\n7'}


def test_the_access_log_may_be_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "json")
    names = {"t": "[now]", "{x-request-id}o": "a" * 16, "m": "GET", "U": "/a%22b", "s": "200", "B": 5, "M": 3}
    line = json.loads(run_path(str(ROOT / "deploy/gunicorn.conf.py"))["access_log_format"] % names)
    assert (line["request"], line["path"], line["status"], line["ms"]) == ("a" * 16, "/a%22b", 200, 3)


@pytest.mark.parametrize(
    ("told", "carried"),
    [("0123456789abcdef", "0123456789abcdef"), (None, "-"), ("x\n", "-"), (7, "-"), ("0123456789abcdef0", "-")],
)
def test_a_workers_lines_carry_the_request_that_woke_it(told: object, carried: str) -> None:
    """And no other text that somebody put into Redis."""
    seen: list[str] = []

    @app.task(name="tests.tell")
    def tell() -> None:
        seen.append(security_log.request_id())

    headers: Any = {} if told is None else {"request_id": told}
    try:
        tell.apply(headers=headers)
    finally:
        app.tasks.unregister("tests.tell")
    assert seen == [carried]
    assert security_log.request_id() == "-"
