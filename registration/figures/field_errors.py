"""Which fields stop people in the registration: the field's name and the error's code, never what was typed.

Each answer with errors is one round trip to Redis, no statement. Redis may lose them, or be away: then they do not
count. A day's sums stay there until the day cannot be counted any more, and go into the table from there.
"""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from typing import cast

import redis
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone

from infra.redis import client
from registration.figures import days

log = logging.getLogger(__name__)

KEPT_SECONDS = 7 * 86400
WHOLE_FORM = "form"  # in place of a field's name
UNNAMED = "invalid"  # in place of a code
LONGEST_SUBJECT, LONGEST_CODE = 60, 40
_ADD = """
for position = 2, #ARGV do redis.call('HINCRBY', KEYS[1], ARGV[position], 1) end
redis.call('EXPIRE', KEYS[1], ARGV[1])
"""


def note(step: str, errors: Mapping[str, Sequence[ValidationError]]) -> None:
    """The errors of an answer that was not taken, by field; each field and code counts once."""
    found = {
        f"{_subject(step, field)} {str(error.code or UNNAMED)[:LONGEST_CODE]}"
        for field, of_field in errors.items()
        for error in of_field
    }
    if not found:
        return
    try:
        client().eval(_ADD, 1, _key(days.of(timezone.now())), KEPT_SECONDS, *sorted(found))
    except redis.RedisError as error:
        log.info("errors of fields are not counted: %s", type(error).__name__)


def of_day(day: dt.date) -> dict[tuple[str, str], int]:
    """(step.field, code) → how often; nothing while Redis is away."""
    try:
        found = client().hgetall(_key(day))
    except redis.RedisError:
        return {}
    parts = {cast(bytes, name).decode().partition(" "): int(count) for name, count in found.items()}
    return {(subject, code): count for (subject, _, code), count in parts.items()}


def _subject(step: str, field: str) -> str:
    return f"{step}.{WHOLE_FORM if field == NON_FIELD_ERRORS else field}"[:LONGEST_SUBJECT]


def _key(day: dt.date) -> str:
    return f"figures:fields:{day.isoformat()}"
