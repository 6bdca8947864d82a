"""Log lines without personal data: of an exception its type and its place, never its text.

The text of a database error holds the values that were refused, that of a provider's error may hold an address with a
key, that of a KeyError whatever somebody typed.
"""

import logging
import traceback
from types import TracebackType

from django.conf import settings

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Formatter(logging.Formatter):
    """Tells the text of exceptions only with DEBUG=on."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802  logging's name
        if settings.DEBUG:
            return super().formatException(ei)
        return "\n".join(_told(ei[1])) if ei[1] else ""

    def format(self, record: logging.LogRecord) -> str:
        if record.name == "celery.app.trace" and isinstance(record.args, dict) and not settings.DEBUG:
            # Celery puts the text of a task's exception, and its arguments, into the line itself.
            record.args = record.args | dict.fromkeys(("exc", "traceback", "args", "kwargs"), "…")
        return super().format(record)


def _told(error: BaseException) -> list[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = [*_told(cause), "then:"] if cause else []
    frames = traceback.extract_tb(error.__traceback__)
    return [
        *before,
        *(f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames),
        type(error).__qualname__,
    ]
