"""Numbers that citizens type: national codes and mobiles. Pure functions; what cannot be accepted is a ValidationError.

Whatever keyboard, copy or chat a number came from, it is first brought to ASCII digits; only then is it looked at.
"""

import re
from collections.abc import Collection
from typing import Literal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from iran.typed import is_too_long

_PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC_INDIC = "٠١٢٣٤٥٦٧٨٩"
_FULL_WIDTH = "０１２３４５６７８９"
_DIGITS = str.maketrans(_PERSIAN + _ARABIC_INDIC + _FULL_WIDTH, "0123456789" * 3)

# Marks that nobody sees: soft hyphen, Arabic letter mark, zero-width and bidi marks, isolates, byte order mark.
INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
# Hyphens, dashes and minus signs; tatweel, because a Persian keyboard puts it on Shift+J beside the digits' dash.
DASHES = "-\u00ad\u0640\u058a\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u2212\ufe58\ufe63\uff0d"
_NOISE = re.compile(f"[{re.escape(INVISIBLE + DASHES)}\\s]+")

# How rows write a national code and a mobile, for the database's constraints; which of them exist, functions below say.
NATIONAL_CODE = r"^[0-9]{10}$"
E164 = r"^\+989[0-9]{9}$"

NationalCodeProblem = Literal["empty", "letters", "short", "length", "repeated", "serial", "checksum"]

NATIONAL_CODE_MESSAGES = {
    "empty": _("Enter your national code"),
    "letters": _("The national code must contain digits only"),
    "short": _("The national code must be 10 digits; write the zeros at its beginning too"),
    "length": _("The national code must be 10 digits"),
    "repeated": _("The national code cannot be one digit ten times"),
    "serial": _("The national code is not right; its six middle digits cannot be zero"),
    "checksum": _("The national code is not right; compare the digits with your national card once more"),
}
MOBILE_MESSAGES = {
    "empty": _("Enter your mobile number"),
    "letters": _("The mobile number must contain digits only"),
    "form": _("The mobile number must be 11 digits and begin with 09"),
}


def to_ascii_digits(text: str) -> str:
    """Persian, Arabic-Indic and full-width digits as 0–9; everything else stays."""
    return text.translate(_DIGITS)


def clean_number(text: str) -> str:
    """ASCII digits without what people put between them: spaces (NBSP too), dashes of all kinds, invisible marks.

    Other characters stay, so that a letter is reported and never silently lost. A text that is too long to be a number
    (iran.typed) is left as it is.
    """
    return text if is_too_long(text) else _NOISE.sub("", to_ascii_digits(text))


def national_code_problem(code: str, *, allow_repeated: Collection[str] = ()) -> NationalCodeProblem | None:
    """What is wrong with a cleaned national code, or None.

    Ten digits, weights 10…2 over the first nine, sum mod 11; check digit is the rest, or 11 − rest from 2 on. 8 and 9
    digits are an own problem and never padded: one digit lost and a zero put before it is in 9.7 % of the cases the
    valid code of somebody else. `allow_repeated`: same-digit codes that do belong to a person. 1111111111 does, as
    newspapers report of its holder; of the others nobody knows one.
    """
    if not code:
        return "empty"
    if not re.fullmatch("[0-9]+", code):
        return "letters"
    if len(code) != 10:
        return "short" if len(code) in (8, 9) else "length"
    if code == code[0] * 10:
        return None if code in allow_repeated else "repeated"
    if code[3:9] == "000000":
        return "serial"
    rest = sum(int(digit) * weight for digit, weight in zip(code, range(10, 1, -1), strict=False)) % 11
    return None if int(code[9]) == (rest if rest < 2 else 11 - rest) else "checksum"


def normalise_national_code(text: str) -> str:
    """The ten ASCII digits of a national code in any written form; ValidationError with the problem as its code."""
    code = clean_number(text)
    problem = national_code_problem(code, allow_repeated=settings.NATIONAL_CODE_ALLOW_REPEATED)
    if problem:
        raise ValidationError(NATIONAL_CODE_MESSAGES[problem], code=problem)
    return code


def normalise_mobile(text: str) -> str:
    """An Iranian mobile in any written form as E.164 (`+989123456789`); ValidationError with the problem as its code.

    Accepted: 09…, 9…, 989…, +989…, 00989…, and +98 09… as some phones write it, with brackets, dots, spaces, dashes.
    The rule is 09, one of 0 1 2 3 9, eight digits: tables of allocated blocks lag behind by months and would refuse
    real people. Letters are refused before anything is read, since libraries take them for the keys of a telephone.
    """
    number = re.sub("[().]", "", clean_number(text).replace("\uff0b", "+"))
    if not number:
        raise ValidationError(MOBILE_MESSAGES["empty"], code="empty")
    if not re.fullmatch("[+]?[0-9]+", number):
        raise ValidationError(MOBILE_MESSAGES["letters"], code="letters")
    found = re.fullmatch("(?:(?:[+]|00)?980?|0)?(9[01239][0-9]{8})", number)
    if not found:
        raise ValidationError(MOBILE_MESSAGES["form"], code="form")
    return f"+98{found[1]}"


def local_mobile(mobile: str) -> str:
    """`+989123456789` as people in Iran write it, `09123456789`; anything else unchanged."""
    return f"0{mobile[3:]}" if mobile.startswith("+98") else mobile


def mask_mobile(mobile: str) -> str:
    """`+989123456789` as `0912***6789`: enough for its owner, too little for a stranger. Shorter texts become `***`."""
    local = local_mobile(mobile)
    return f"{local[:4]}***{local[-4:]}" if len(local) == 11 else "***"
