"""Passwords that everybody tries first: a list of 225 000 known ones, and the Persian ones that no list has.

The list (accounts/data, licences in its NOTICE) is about 1 MB of gzip and 2.5 MB in memory once per process: one block
of bytes, sorted, that is searched by halves as it is, with exact answers and no index to build.
"""

import gzip
import re
from bisect import bisect_left
from functools import lru_cache
from importlib.resources import files

# Latin spellings of what Iranian passwords are made of: country, cities, clubs, faith, affection, us. No first names:
# the owner's own are another rule.
_PERSIAN_WORDS = """
iran irani iranian persia persian parsi farsi tehran teheran isfahan esfahan shiraz tabriz mashhad mashad karaj ahvaz
ahwaz rasht kerman yazd qom ghom abadan hamedan hamadan urmia ardabil zanjan qazvin ghazvin bushehr gilan mazandaran
khorasan kordestan khalijefars azadi persepolis perspolis perspolisi esteghlal esteghlali sepahan teraktor piroozi
salam khoda khodaya allah yaallah bismillah besmellah mahdi yamahdi emam yaali hosein hossein yahosein yahossein
yazahra karbala norooz nowruz eshgh eshghe eshgham asheghetam azizam jigar jigaram doostet doset dooset dostat
doostetdaram dosetdaram dostatdaram maman baba ramz ramzeoboor ramzeobur ramzobour gozarvazhe karbar modir
tamin taamin taminejtemaei bimeh bime eservices
"""
_SIGNS = "[!%$#&]*"
_WORD = "(?:" + "|".join(sorted(_PERSIAN_WORDS.split(), key=len, reverse=True)) + ")"
# One or two such words and the digits that people add: up to three, a year, runs like 12345, or the same again.
_DIGITS = "(?:[0-9]{1,3}|(?:13|14|19|20)[0-9]{2}|0?1234[0-9]*|9876[0-9]*|([0-9]{1,3})\\1+)"
_PERSIAN = re.compile(f"{_WORD}{{1,2}}{_SIGNS}{_DIGITS}{_SIGNS}", re.IGNORECASE)


def is_common(password: str) -> bool:
    """Whether the password (≤ 128 characters) is known, in whatever capitals, or a common Persian word with digits."""
    lower = password.lower()
    return bool(_PERSIAN.fullmatch(lower)) or _is_known(lower.encode())


def _is_known(password: bytes) -> bool:
    known = _known()
    position = bisect_left(range(len(known)), password, key=_line_at)
    return position < len(known) and _line_at(position) == password


def _line_at(position: int) -> bytes:
    """The line of the list which the byte at `position` belongs to; its line break does, too."""
    known = _known()
    return known[known.rfind(b"\n", 0, position) + 1 : known.find(b"\n", position)]


@lru_cache(maxsize=1)
def _known() -> bytes:
    """All known passwords, sorted by their bytes, each with a line break behind it."""
    return gzip.decompress((files("accounts") / "data" / "common-passwords.txt.gz").read_bytes())
