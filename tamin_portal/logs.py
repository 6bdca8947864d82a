"""Log lines without personal data: of an exception its type and its place, never its text.

The text of a database error holds the values that were refused, that of a provider's error may hold an address with a
key, that of a KeyError whatever somebody typed. Every line begins with a time and its offset from UTC, and names the
request that it belongs to; nothing that a line holds can end it or begin another.
"""

import datetime as dt
import json
import logging
import re
import traceback
from types import TracebackType

from django.conf import settings

from infra import security_log

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


LINE = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Formatter(logging.Formatter):
    """Tells the text of exceptions only with DEBUG=on."""

    def __init__(self, line: str = LINE) -> None:
        super().__init__(line)

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802  logging's name
        if settings.DEBUG:
            return super().formatException(ei)
        return "\n".join(_told(ei[1])) if ei[1] else ""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == "celery.app.trace" and isinstance(record.args, dict) and not settings.DEBUG:
            # Celery puts the text of a task's exception, and its arguments, into the line itself.
            record.args = record.args | dict.fromkeys(("exc", "traceback", "args", "kwargs"), "…")
        record.request_id = security_log.request_id()
        return super().format(record)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  logging's name
        """`2026-11-25T17:30:00.123+03:30`"""
        return dt.datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        record.message = _CONTROL.sub(lambda sign: sign[0].encode("unicode_escape").decode(), record.message)
        return super().formatMessage(record)


class JsonFormatter(Formatter):
    """The same as one JSON object a line (LOG_FORMAT=json): time, level, logger, request, message, and the frames of an
    exception as `trace`."""

    def __init__(self) -> None:
        super().__init__("%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        message, _, trace = super().format(record).partition("\n")  # a message has no line ends of its own any more
        line = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "request": security_log.request_id(),
            "message": message,
        }
        return json.dumps(line | ({"trace": trace.splitlines()} if trace else {}), ensure_ascii=False)


def _told(error: BaseException) -> list[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = [*_told(cause), "then:"] if cause else []
    frames = traceback.extract_tb(error.__traceback__)
    return [
        *before,
        *(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames),
        type(error).__qualname__,
    ]
