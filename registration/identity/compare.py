"""The rules by which what a citizen stated is compared with what a registry answered. There are no others anywhere;
which spellings are one name is known to name_spellings.

The verdict is a mismatch when one compared field differs. What one side does not have is not compared: services answer
with different fields, and absent is not different.
"""

import datetime as dt
import re
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from accounts.models import Person
from iran.names import fold, series_letter
from iran.numbers import clean_number
from registration.identity.base import Applicant, Finding, Identity, refuse_unknown
from registration.identity.failures import FailureKind, IdentityError
from registration.identity.name_spellings import are_one_first_name, are_one_last_name

# From 1 Farvardin 1368 births are entered under the national code; before, under the register's own number.
NUMBERED_BY_NATIONAL_CODE = dt.date(1989, 3, 21)

# Percent. Services that do not tell a name but how much it resembles the one asked about; below SIMILAR it is another.
SAME, SIMILAR = 95, 80


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
Alike = Callable[[str, str], bool]  # whether two names of different keys are one, see name_spellings


def compare(applicant: Applicant, recorded: Recorded) -> tuple[Identity, dict[str, str]]:
    """The verdict (match, mismatch or deceased), and the finding of each of Person.IDENTITY_FIELDS by its name.

    Raises `IdentityError` when the answer says so little that a match of it would prove nothing.
    """
    findings = {name: RULES[name](applicant, recorded, name) for name in Person.IDENTITY_FIELDS}
    return _verdict(findings, recorded), {name: finding.value for name, finding in findings.items()}


def names(
    stated: str, recorded: str | None, similarity: float | None = None, *, alike: Alike = are_one_first_name
) -> Finding:
    """By folded key; SIMILAR if they are one name in other letters or with a title or a word more, or if the service
    finds them similar, not the same.
    """
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
    return Finding.SIMILAR if alike(stated, told) else Finding.MISMATCH


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


def _as_name(applicant: Applicant, recorded: Recorded, name: str, *, alike: Alike) -> Finding:
    similarity = getattr(recorded, f"{name}_similarity")
    return names(getattr(applicant, name), getattr(recorded, name), similarity, alike=alike)


def _as_number(applicant: Applicant, recorded: Recorded, name: str) -> Finding:
    return numbers(getattr(applicant, name), getattr(recorded, name))


def _as_letter(applicant: Applicant, recorded: Recorded, name: str) -> Finding:
    return letters(getattr(applicant, name), getattr(recorded, name))


def _as_it_is(applicant: Applicant, recorded: Recorded, name: str) -> Finding:
    return _equal(getattr(applicant, name), getattr(recorded, name))


# How each of Person.IDENTITY_FIELDS is compared.
RULES: dict[str, Rule] = {
    "last_name": partial(_as_name, alike=are_one_last_name),
    "first_name": partial(_as_name, alike=are_one_first_name),
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
