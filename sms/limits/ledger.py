"""What is counted before a code is sent or compared is read without any lock, as text (JSON) and parsed here.

Whoever then writes takes the locks and writes only if the same text, asked for once more in that very statement, is
what was read; else somebody was faster, and the caller reads anew. So limits are exact, and no lock is held while an
answer travels (docs/decisions/0028).
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from django.db.models import Subquery, TextField

from infra.statements import Sql
from sms.limits.allowances import told_by
from sms.models import OtpChallenge

_AS_TEXT = "SELECT coalesce(json_agg(one), '[]')::text AS text FROM (%s) AS one"
RECOVERY = OtpChallenge.Purpose.RECOVERY


class Wanted(NamedTuple):
    """A code that somebody asks for: an OtpChallenge.Purpose, a mobile in E.164, the person's national code."""

    purpose: str
    mobile: str
    national_code: str


class Counted(Protocol):
    """What was asked for before."""

    @property
    def purpose(self) -> str: ...


C = TypeVar("C", bound=Counted)


def alike(wanted: Wanted, counted: Iterable[C]) -> list[C]:
    """Those that were asked for in the same way, so that they may be told (allowances.told_by)."""
    names = ("purpose", *told_by(wanted.purpose))
    return [one for one in counted if all(getattr(one, name) == getattr(wanted, name) for name in names)]


def as_text(rows: Sql) -> Sql:
    """A part of a statement: one row with all of `rows` as `text`, the same for the same rows in the same order."""
    sql, params = rows
    return _AS_TEXT % sql, params


class AsText(Subquery):
    """The same as a column of another query."""

    template = f"({_AS_TEXT % '%(subquery)s'})"
    output_field = TextField()


def parse(text: str) -> list[Any]:
    rows: list[Any] = json.loads(text)
    return rows


def seconds_since(moment: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(moment)).total_seconds()
