"""How many messages an operator makes, and bills, of one text (3GPP TS 23.038, 23.040)."""

import re

# The GSM 7-bit alphabet; signs of its extension take two places. Any other sign, a Persian letter for one, puts the
# whole text into UTF-16.
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
_GSM = re.compile(f"[{re.escape(_BASIC + _EXTENSION)}]*")


def fits(text: str, longest: int) -> bool:
    """Is there a text, of no more than `longest` UTF-16 units?"""
    return 0 < len(text.encode("utf-16-le")) // 2 <= longest


def count(text: str) -> int:
    """Parts of a text: 160 signs in one or 153 in each of several; 70 or 67 with any sign that GSM has not."""
    if _GSM.fullmatch(text):
        return _parts([2 if sign in _EXTENSION else 1 for sign in text], 160, 153)
    return _parts([2 if sign > "\uffff" else 1 for sign in text], 70, 67)


def _parts(widths: list[int], alone: int, each: int) -> int:
    """A sign of two places never lies across the border of two parts."""
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > each:
            parts, used = parts + 1, 0
        used += width
    return parts
