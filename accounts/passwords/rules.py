"""The rules for a new password: the guides' composition rules, nothing personal, nothing common.

One message per broken rule, all at once, so that nobody has to find the next rule by trying. The same in registration,
recovery and profile.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.passwords.common import is_common
from iran.numbers import to_ascii_digits
from iran.romanise import contains_name

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MIN_LENGTH = 8
MAX_LENGTH = 128
SIGNS = "!%$#&"
# Isolated, or a Persian line turns their order round; and never broken over two lines.
SHOWN_SIGNS = "\u2066" + "\u00a0".join(SIGNS) + "\u2069"

# The checklist shown before typing. The keys are `data-rule` in the page, where the script ticks them.
RULES: list[tuple[str, "StrPromise"]] = [
    ("length", _("At least 8 characters")),
    ("start", _("Begins with a Latin letter")),
    ("upper", _("At least one capital letter (A to Z)")),
    ("lower", _("At least one small letter (a to z)")),
    ("digit", _("At least one digit (0 to 9)")),
    ("charset", _("Only Latin letters, digits and the signs ! % $ # &")),
    ("personal", _("Without your first name, last name and national code")),
]


def problems(password: str, *, first_name: str, last_name: str, national_code: str) -> list["str | StrPromise"]:
    """A message for each broken rule, in the order of `RULES`; empty if the password may be used.

    Names are Persian as stored, the national code ten ASCII digits. Limits: 8 to 128 characters, nothing is trimmed.
    What stands behind the 129th is not looked at.
    """
    password = password[: MAX_LENGTH + 1]
    found: list[str | StrPromise] = [*_composition_problems(password)]
    if len(password) > MAX_LENGTH:
        return found
    if _is_personal(password, first_name, last_name, national_code):
        found.append(_("The password must not contain your first name, last name or national code"))
    if is_common(password):
        found.append(_("This password is very common; choose another one"))
    return found


def _composition_problems(password: str) -> Iterator["str | StrPromise"]:
    if len(password) < MIN_LENGTH:
        yield _("The password must be 8 characters or more")
    if len(password) > MAX_LENGTH:
        yield _("The password must be 128 characters or fewer")
    if not re.match("[A-Za-z]", password):
        yield _("The password must begin with a Latin letter")
    if not re.search("[A-Z]", password):
        yield _("The password must have at least one capital Latin letter")
    if not re.search("[a-z]", password):
        yield _("The password must have at least one small Latin letter")
    if not re.search("[0-9]", password):
        yield _("The password must have at least one digit")
    yield from _charset_problems(password)


def _charset_problems(password: str) -> Iterator["str | StrPromise"]:
    wrong = list(dict.fromkeys(re.findall(f"[^A-Za-z0-9{SIGNS}]", password)))
    if any("\u0600" <= char <= "\u06ff" or "\ufb50" <= char <= "\ufefc" or char == "\u200c" for char in wrong):
        yield _("Write the password with the English keyboard")
        return
    if any(char.isspace() for char in wrong):
        yield _("The password must not contain a space")
    # Invisible characters cannot be quoted; five are enough to understand.
    visible = " ".join([char for char in wrong if char.isprintable() and not char.isspace()][:5])
    if visible:
        yield format_lazy(
            _("The password must not contain “{characters}”; only Latin letters, digits and {signs} are accepted"),
            characters=visible,
            signs=SHOWN_SIGNS,
        )
    elif any(not char.isprintable() and not char.isspace() for char in wrong):
        yield _("The password must not contain invisible characters")


def _is_personal(password: str, first_name: str, last_name: str, national_code: str) -> bool:
    digits = to_ascii_digits(password)
    # Written as a number the code has lost its zeros; with eight digits left it is still the code.
    codes = [code for code in (national_code, national_code.lstrip("0")) if len(code) >= 8]
    return any(code in digits for code in codes) or any(
        contains_name(password, name) for name in (first_name, last_name)
    )
