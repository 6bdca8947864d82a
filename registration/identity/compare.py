"""The rules by which what a citizen stated is compared with what a registry answered. There are no others anywhere.

The verdict is a mismatch when one compared field differs. What one side does not have is not compared: services answer
with different fields, and absent is not different.
"""

import datetime as dt
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from accounts.models import Person
from iran.names import ZWNJ, fold, normalise_name, series_letter
from iran.numbers import DASHES, clean_number
from registration.identity.base import Applicant, Finding, Identity, refuse_unknown
from registration.identity.failures import FailureKind, IdentityError

# From 1 Farvardin 1368 births are entered under the national code; before, under the register's own number.
NUMBERED_BY_NATIONAL_CODE = dt.date(1989, 3, 21)

# Percent. Services that do not tell a name but how much it resembles the one asked about; below SIMILAR it is another.
SAME, SIMILAR = 95, 80

# Titles that registries keep in the name or beside it, and people leave out. Only سید is also written in one word with
# the name; a name that begins with the letters of the others (میرزا, حاجی) is mostly just that.
_TITLES = frozenset({"سید", "سیده", "میر", "حاج"})
_JOINED_TITLES = ("سیده", "سید")
_BETWEEN_WORDS = re.compile(f"[\\s{ZWNJ}{re.escape(DASHES)}]+")


class Recorded(SimpleNamespace):
    """A person as a registry answered: each of Person.IDENTITY_FIELDS by its name, None or empty where it did not say.

    Texts as received, in any letters and digits; whole numbers may be ints; dates are `datetime.date`. `…_similarity`
    of a name in percent, from services that compare themselves: it counts instead of the text. Raises TypeError for a
    name that is none of these. Its `repr` shows nothing: it may end up in a log or in a traceback.
    """

    is_alive: bool

    def __init__(self, *, is_alive: bool = True, **told: Any) -> None:
        known = (*Person.IDENTITY_FIELDS, *(f"{name}_similarity" for name in Person.KEYS))
        refuse_unknown(told, known)
        super().__init__(is_alive=is_alive, **dict.fromkeys(known) | told)

    def __repr__(self) -> str:
        return "Recorded(…)"


Rule = Callable[[Applicant, Recorded, str], Finding]  # what is stated, what is recorded, the field's name


def compare(applicant: Applicant, recorded: Recorded) -> tuple[Identity, dict[str, str]]:
    """The verdict (match, mismatch or deceased), and the finding of each of Person.IDENTITY_FIELDS by its name.

    Raises `IdentityError` when the answer says so little that a match of it would prove nothing.
    """
    findings = {name: RULES[name](applicant, recorded, name) for name in Person.IDENTITY_FIELDS}
    return _verdict(findings, recorded), {name: finding.value for name, finding in findings.items()}


def names(stated: str, recorded: str | None, similarity: float | None = None) -> Finding:
    """By folded key; SIMILAR if they are equal but for titles, or the service finds them similar, not the same."""
    if similarity is not None:
        if similarity >= SAME:
            return Finding.MATCH
        return Finding.SIMILAR if similarity >= SIMILAR else Finding.MISMATCH
    told = recorded or ""
    ours, theirs = fold(stated), fold(told)
    if not ours or not theirs:
        return Finding.ABSENT
    if ours == theirs:
        return Finding.MATCH
    return Finding.SIMILAR if _without_titles(stated) & _without_titles(told) else Finding.MISMATCH


def numbers(stated: str | int | None, recorded: str | int | None) -> Finding:
    """As whole numbers: registries keep them as such and lose leading zeros. A recorded 0 stands for none."""
    ours, theirs = _digits(stated), _digits(recorded)
    # What is no number on the registry's side cannot be compared; on the applicant's side it is not the recorded one.
    if not ours or _is_none(recorded) or not re.fullmatch("[0-9]+", theirs):
        return Finding.ABSENT
    same = re.fullmatch("[0-9]+", ours) and int(ours) == int(theirs)
    return Finding.MATCH if same else Finding.MISMATCH


def letters(stated: str, recorded: str | None) -> Finding:
    """Letters of a certificate's series; ا, أ and «الف» are one."""
    return _equal(series_letter(stated), series_letter(recorded or ""))


def certificate_numbers(applicant: Applicant, recorded: Recorded) -> Finding:
    """As whole numbers. For births from 1368 a number that the registry lacks, or has as 0, is the national code.

    The civil registry's own service answers with a 32-bit number, which cannot hold most national codes.
    """
    number: str | int | None = recorded.certificate_number
    born = recorded.birth_date or applicant.birth_date
    if born and born >= NUMBERED_BY_NATIONAL_CODE and _is_none(number):
        number = applicant.national_code
    return numbers(applicant.certificate_number, number)


def _as_name(applicant: Applicant, recorded: Recorded, name: str) -> Finding:
    return names(getattr(applicant, name), getattr(recorded, name), getattr(recorded, f"{name}_similarity"))


def _as_number(applicant: Applicant, recorded: Recorded, name: str) -> Finding:
    return numbers(getattr(applicant, name), getattr(recorded, name))


def _as_letter(applicant: Applicant, recorded: Recorded, name: str) -> Finding:
    return letters(getattr(applicant, name), getattr(recorded, name))


def _as_it_is(applicant: Applicant, recorded: Recorded, name: str) -> Finding:
    return _equal(getattr(applicant, name), getattr(recorded, name))


# How each of Person.IDENTITY_FIELDS is compared.
RULES: dict[str, Rule] = {
    "last_name": _as_name,
    "first_name": _as_name,
    "certificate_number": lambda applicant, recorded, _name: certificate_numbers(applicant, recorded),
    "certificate_serial": _as_number,
    "certificate_series_letter": _as_letter,
    "certificate_series_number": _as_number,
    "birth_date": _as_it_is,
    "gender": _as_it_is,
}


def _verdict(findings: dict[str, Finding], recorded: Recorded) -> Identity:
    if not recorded.is_alive:
        return Identity.DECEASED
    if Finding.MISMATCH in findings.values():
        return Identity.MISMATCH
    named = Finding.ABSENT not in (findings["first_name"], findings["last_name"])
    numbered = findings["certificate_number"] == Finding.MATCH and not _is_none(recorded.certificate_number)
    if not named or not (numbered or findings["birth_date"] == Finding.MATCH):
        raise IdentityError(FailureKind.THIN)
    return Identity.MATCH


def _equal(stated: object, recorded: object) -> Finding:
    if not stated or not recorded:
        return Finding.ABSENT
    return Finding.MATCH if stated == recorded else Finding.MISMATCH


def _is_none(number: str | int | None) -> bool:
    return not _digits(number).strip("0")


def _digits(number: str | int | None) -> str:
    return "" if number is None else clean_number(str(number))


def _without_titles(name: str) -> set[str]:
    """Keys of a name with and without the titles before it. Something of two letters or more is always left."""
    words = [fold(word) for word in _BETWEEN_WORDS.split(normalise_name(name))]
    keys = {"".join(words)}
    while len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
        keys.add("".join(words))
    joined = {words[0].removeprefix(title) for title in _JOINED_TITLES if words[0].startswith(title)}
    return keys | {"".join([first, *words[1:]]) for first in joined if len(first) > 1}
