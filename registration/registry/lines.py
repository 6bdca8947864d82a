"""Lines of a file of the reference registry, validated. Pure functions, no database.

Good lines come out as values ready for COPY; the others as a list of problems, all of the line at once, so that whoever
mends the file needs one round.
"""

import csv
import datetime as dt
import mmap
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Person
from registration.registry import fields as reads
from registration.registry.fields import Read, UnreadableField

OTHER_NAMES = {"alive": "is_alive"}  # column of the file → of the table, where they differ
WHOLE_LINE = {
    "encoding": _("The line is not UTF-8"),
    "fields": _("The line does not have as many fields as the header"),
}
CLAIMED = {
    "repeated_line": _("An earlier line has the same national code"),
    "taken": _("An earlier line gives the mobile to another national code"),
}


class Problem(NamedTuple):
    """What is wrong with a line: the column and a code that stays (`national_code`, `checksum`), and a text to read."""

    column: str
    code: str
    message: str | Promise


class Rejected(Exception):  # noqa: N818  no fault of the program
    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(len(problems))
        self.problems = problems


class RegistryLine(NamedTuple):
    """A line in stored form. `stored`: texts, one for each of `stored_columns()`; dates ISO, `is_alive` t or f.

    `mobiles`: E.164, a space between.
    """

    national_code: str
    mobiles: str
    stored: tuple[str, ...]


def columns() -> tuple[str, ...]:
    """What the header of a file must name, in the order of the sample. Raises LookupError if a reader is missing."""
    if missing := [name for name in Person.IDENTITY_FIELDS if name not in reads.READERS]:
        raise LookupError(f"registration.registry.fields.READERS lacks {', '.join(missing)}")
    return tuple(reads.READERS)


def stored_columns() -> tuple[str, ...]:
    """What becomes of a line: the columns of CivilRecord, comparison keys last; and `mobiles`."""
    return (*(OTHER_NAMES.get(column, column) for column in columns()), *Person.KEYS.values())


def fields(line: str) -> list[str]:
    """The fields of one line. Quoted ones end in it: an odd quotation mark spoils one person, not all that follow."""
    if '"' not in line:  # fast path
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []


def rejected(code: str) -> Rejected:
    """The whole line is no use."""
    return Rejected([Problem("", code, WHOLE_LINE[code])])


def person_reader(header: Sequence[str], today: dt.date) -> Callable[[str], RegistryLine]:
    """The function that reads a line below this header (the names of `columns()` in any order). It raises `Rejected`.

    `today`: birth dates after it are refused.
    """
    names = columns()
    order = [list(header).index(column) for column in names]
    in_order = order == list(range(len(names)))
    # Lines share dates: a century has 36,525 of them.
    date = lru_cache(maxsize=65536)(partial(reads.birth_date, today=today))
    readers = {name: date if read is reads.past_date else read for name, read in reads.READERS.items()}
    each = tuple(readers.values())
    keyed = [names.index(name) for name in Person.KEYS]
    code, mobiles = names.index("national_code"), names.index("mobiles")

    def read(line: str) -> RegistryLine:
        texts = fields(line)
        if len(texts) != len(names):
            raise rejected("fields")
        if not in_order:
            texts = [texts[place] for place in order]
        try:
            values = [read_field(text) for read_field, text in zip(each, texts, strict=True)]
        except UnreadableField:
            raise Rejected(_problems(readers, texts)) from None
        keys = [reads.name_key(values[place]) for place in keyed]
        return RegistryLine(values[code], values[mobiles], (*values, *keys))

    return read


def _problems(readers: Mapping[str, Read], texts: list[str]) -> list[Problem]:
    found = []
    for (column, read), text in zip(readers.items(), texts, strict=True):
        try:
            read(text)
        except UnreadableField as refused:
            found.append(Problem(column, refused.code, refused.message))
    return found


class Claims:
    """Which national codes and mobiles the lines so far have claimed; a refused line claims nothing.

    One bit each, in memory that the system gives as it is touched: the file of a whole country takes 190 MB.
    """

    def __init__(self) -> None:
        # The check digit follows from the other nine. Mobiles: the nine digits behind the 9 that all begin with.
        self._codes, self._mobiles = _bits(10**9), _bits(10**9)

    def add(self, person: RegistryLine) -> None:
        """Raises `Rejected` if an earlier line had the code or one of the mobiles."""
        code = int(person.national_code[:9])
        mobiles = [int(mobile[4:]) for mobile in person.mobiles.split()]
        problems = []
        if _is_set(self._codes, code):
            problems.append(Problem("national_code", "repeated_line", CLAIMED["repeated_line"]))
        if any(_is_set(self._mobiles, mobile) for mobile in mobiles):
            problems.append(Problem("mobiles", "taken", CLAIMED["taken"]))
        if problems:
            raise Rejected(problems)
        _set(self._codes, code)
        for mobile in mobiles:
            _set(self._mobiles, mobile)


def _bits(count: int) -> mmap.mmap:
    return mmap.mmap(-1, count // 8, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def _is_set(bits: mmap.mmap, place: int) -> bool:
    return bool(bits[place >> 3] >> (place & 7) & 1)


def _set(bits: mmap.mmap, place: int) -> None:
    bits[place >> 3] |= 1 << (place & 7)
