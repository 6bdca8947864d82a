"""The usual Latin spellings of a Persian name, to find it in a password: `Mohammadi`, `mhmdY` and `M0hamady` are محمدی.

Persian writes consonants and long vowels and leaves short vowels out; every letter has a few Latin habits. So a name
becomes a list of slots, each with its alternatives ("kh", "x", "k"…), and the password is walked slot by slot with a
set of positions held in the bits of an integer. The work is bounded by characters × slots × alternatives whatever the
input; a regular expression with the same alternatives could backtrack without end.

What counts as containing the name (short names occur inside too many ordinary words):

- a name with three or more consonants: spelled with four or more Latin letters, anywhere;
- another name (علی, رضا, سارا): with six or more letters anywhere, with three to five where a word starts or ends.
  Words are runs of letters and their parts that begin with a capital: `MyAli12`, `Alireza99`, not `Salim12`;
- the bare consonants (`krm` for کریمی) from three on: four or more anywhere, three as a whole word.

Digits and signs that look like letters are read as both (`M0hammadi`).
"""

import re

from iran.names import ZWNJ, fold, normalise_name

Slots = tuple[tuple[str, ...], ...]

_CONSONANTS = {
    "ب": "b",
    "پ": "p",
    "ت": "t",
    "ث": "s th",
    "ج": "j",
    "چ": "ch",
    "ح": "h",
    "خ": "kh x",
    "د": "d",
    "ذ": "z",
    "ر": "r",
    "ز": "z",
    "ژ": "zh j",
    "س": "s",
    "ش": "sh",
    "ص": "s",
    "ض": "z",
    "ط": "t",
    "ظ": "z",
    "غ": "gh q g",
    "ف": "f ph",
    "ق": "gh q g",
    "ک": "k",
    "گ": "g",
    "ل": "l",
    "م": "m",
    "ن": "n",
    "ه": "h",
}
_VOWELS = set("اویعئ")
_SHORT = ("", "a", "e", "i", "o", "u", "ou")
_ALEF = ("a", "aa")
_ALEF_FIRST = ("a", "e", "i", "o", "u", "aa")
_AL = ("al", "aal", "el", "ol", "ul", "il", "l", "all", "oll", "ull")
_AL_BEFORE_SUN = (*_AL, "a", "e", "o", "u")  # Abdorreza, Ezzeddin
_SUN = set("تثدذرزسشصضطظلن")
_VAV = ("v", "w", "o", "u", "oo", "ou", "ow", "au", "vo", "vu", "voo", "vou", "wo", "woo", "va", "ve", "wa")
_VAV_FIRST = ("v", "w")
_YEH = ("i", "y", "ee", "ii", "ie", "iy", "ei", "ea", "yi", "ye", "ya", "yo", "yu", "yy", "yye", "yya")
_YEH_FIRST = ("y", "i")
_YEH_LAST = ("i", "y", "ee", "ii", "ie", "iy", "ei", "ey", "yi", "ye", "yee")
_AYN = ("", "a", "e", "aa")
_HAMZE = ("", "e", "i", "y", "a", "ye")
_HEH_LAST = ("h", "eh", "e", "ah", "a")
_LOOK_ALIKES = str.maketrans("0134578!$", "oieastbis")

# Spellings that no rule of letters gives. Keys are folded names.
_IRREGULAR = {
    "محمد": "mohammed mohamed mehmet mamad",
    "احمد": "ahmed",
    "حسین": "hosen husein",
    "کورش": "cyrus",
    "کوروش": "cyrus",
    "داریوش": "darius",
    "کامبیز": "cambyses",
    "یوسف": "joseph josef",
    "ابراهیم": "abraham",
    "موسی": "musa mousa moosa",
    "عیسی": "isa issa eisa",
    "یحیی": "yahya",
    "هدی": "hoda huda",
    "لیلی": "leila leyla",
    "مصطفی": "mostafa mustafa",
    "مرتضی": "morteza murteza mortaza",
    "مجتبی": "mojtaba",
    "کبری": "kobra",
    "صغری": "soghra",
    "طه": "taha",
    "مریم": "mary",
    "الکساندر": "alexander",
}
# So short and frequent that the rules of letters would find it in Emily and Alice: only these spellings.
_EXACT = {"علی": "ali aly aali"}
# Common second parts of family names and titles: too short and too frequent to be looked for alone.
_PARTICLES = {"پور", "نیا", "فر", "راد", "خان", "بیگ", "حاج", "میر", "سید", "سیده", "آقا", "زاده", "الدین", "ابن", "بن"}
_SPELT_ALIKE = str.maketrans("أإآؤةۀۂ", "اااوههه", "ء")  # ئ stays: it is often not written in Latin at all


def contains_name(password: str, name: str) -> bool:
    """Whether `password` contains the name or a part of it; at most its first 128 characters are looked at.

    `name` is Persian, in any form that can be typed; Latin names are looked for as they stand.
    """
    password = password[:128]
    return any(_contains(password, word) for word in words(name))


def words(name: str) -> list[str]:
    """The words to look for: the whole name written together, and its parts at spaces and ZWNJ (no particles)."""
    parts = re.split(f"[ {ZWNJ}]", normalise_name(name))
    kept = [part for part in parts if part not in _PARTICLES] if len(parts) > 1 else []
    found = [word.translate(_SPELT_ALIKE).lower() for word in ["".join(parts), *kept]]
    return [word for word in dict.fromkeys(found) if len(word) > 1]


def _contains(password: str, word: str) -> bool:
    lower = password.lower()
    literal = [word, *_IRREGULAR.get(fold(word), "").split()]
    if any(spelling in lower for spelling in literal if len(spelling) > 3 or not spelling.isascii()):
        return True
    edges = _edges(password)
    consonants = skeleton(word)
    if len(consonants) < 3:
        spellings = (tuple(_EXACT[word].split()),) if word in _EXACT else slots(word)
        return any(_short_counts(*span, *edges) for span in _matches(lower, spellings))
    return any(
        _long_counts(*span, *edges)
        for text in {lower, lower.translate(_LOOK_ALIKES)}
        for wanted in (slots(word), consonants)
        for span in _matches(text, wanted)
    )


def _long_counts(start: int, end: int, starts: set[int], ends: set[int]) -> bool:
    return end - start >= 4 or (end - start == 3 and start in starts and end in ends)


def _short_counts(start: int, end: int, starts: set[int], ends: set[int]) -> bool:
    return end - start >= 6 or (end - start >= 3 and (start in starts or end in ends))


def slots(word: str) -> Slots:
    """The alternatives for each letter of a word from `words`, with short vowels between the consonants."""
    found: list[tuple[str, ...]] = []
    skip = False
    for position, letter in enumerate(word):
        rest = word[position + 1 :]
        if skip:  # the lam of ال
            skip = False
            found.append(_SHORT if rest and rest[0] != "ا" else ("",))
            continue
        if position and letter == "ا" and rest[:1] == "ل":
            skip = True
            found.append(_AL_BEFORE_SUN if rest[1:2] in _SUN else _AL)
        elif letter in _VOWELS:
            found.append(_vowel(letter, rest[:1], before=word[:position][-1:]))
        elif letter == "ه" and position and not rest:
            found.append(_HEH_LAST)
        else:
            found.append(_doubled(_CONSONANTS.get(letter, letter)))
        if rest and rest[0] != "ا" and (letter in _CONSONANTS or (letter in "وی" and not position)):
            found.append(_SHORT)
    return tuple(found)


def skeleton(word: str) -> Slots:
    """The consonants of a word from `words` alone; و and ی count where they can only be consonants."""
    found = []
    for position, letter in enumerate(word):
        following = word[position + 1 : position + 2]
        if letter in _CONSONANTS and not (letter == "ه" and position and not following):
            found.append(_doubled(_CONSONANTS[letter]))
        elif letter == "و" and (not position or following in ("ا", "ی")):
            found.append(_VAV_FIRST)
        elif letter == "ی" and not position:
            found.append(("y",))
    return tuple(found)


def _vowel(letter: str, following: str, *, before: str) -> tuple[str, ...]:
    """Alternatives of ا و ی ع ئ at a place of a word; `before` and `following` are its neighbours or empty."""
    if letter == "ئ":
        return _HAMZE
    if letter == "ع" and before:
        return _AYN
    if letter in "اع" and not before:
        return ("", "a", "e", "o", "i") if following in {"ا", "و", "ی"} else _ALEF_FIRST
    if letter == "ا":
        return _ALEF if following else (*_ALEF, "ah")
    if letter == "و":
        # Silent in خوا: خواجه is Khajeh.
        return _VAV_FIRST if not before else ("", *_VAV) if before == "خ" and following == "ا" else _VAV
    if not before:
        return _YEH_FIRST
    # One of two may stay unwritten: رضایی is Rezai and Rezaei.
    return ("", "e", *_YEH) if following == "ی" else _YEH if following else _YEH_LAST


def _doubled(spellings: str) -> tuple[str, ...]:
    single = spellings.split()
    return (*single, *(spelling * 2 for spelling in single if len(spelling) == 1))


def _edges(text: str) -> tuple[set[int], set[int]]:
    """Where words start and where they end: runs of Latin letters, and their parts that begin with a capital."""
    spans = [found.span() for found in re.finditer("[A-Za-z]+", text)]
    spans += [found.span() for found in re.finditer("[A-Z]+(?![a-z])|[A-Z]?[a-z]+", text)]
    return {start for start, _ in spans}, {end for _, end in spans}


def _matches(text: str, alternatives: Slots) -> list[tuple[int, int]]:
    """All (start, end) where the slots can be read one after another. Bit n of a set of positions means place n."""
    if not alternatives:
        return []
    at = {spelling: _places(text, spelling) for slot in set(alternatives) for spelling in slot}
    found = []
    for start in range(len(text)):
        reached = 1 << start
        for slot in alternatives:
            following = 0
            for spelling in slot:
                following |= (reached & at[spelling]) << len(spelling)
            reached = following
            if not reached:
                break
        found += [(start, end) for end in range(start + 1, len(text) + 1) if reached >> end & 1]
    return found


def _places(text: str, spelling: str) -> int:
    places, place = 0, text.find(spelling)
    while place >= 0:
        places |= 1 << place
        place = text.find(spelling, place + 1)
    return places
