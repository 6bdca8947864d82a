"""Which names of different letters are one name that is known to be written both ways, and which are two.

Compared by a looser key than `iran.names.fold`. Every rule holds for a closed list or a place in the word where it
joins no two names: the civil registry records «رحمن» and «رحمان», «عبدالله» and «عبداله», and forms are filled in with
either. General rules (letters of one sound, alef left out, a number of different letters) join thousands of different
names and have no place here. docs/decisions/0032 tells what was counted.
"""

import re
from collections.abc import Iterator

from iran.names import ZWNJ, fold, normalise_name
from iran.numbers import DASHES
from registration.identity.given_names import is_given_name

Words = tuple[str, ...]

_BETWEEN_WORDS = re.compile(f"[\\s{ZWNJ}.{re.escape(DASHES)}]+")

# Names of one word that are mostly joined to another: «محمدطه», «امیریس».
_FIRST_PART = "(?:محمد|امیر|علی|سید|غلام)?"

# Written with a dagger alef or none in the Koran's manner, with a whole alef today; anywhere in a word.
_SHORT_ALEF = {
    "رحمن": "رحمان",
    "اسمعیل": "اسماعیل",
    "اسحق": "اسحاق",
    "ابرهیم": "ابراهیم",
    "سلیمن": "سلیمان",
    "لقمن": "لقمان",
    "عثمن": "عثمان",
    "سموات": "سماوات",
}
_SHORT_ALEF_WORDS = {"هرون": "هارون", "طه": "طاها", "یس": "یاسین", "جبرییل": "جبراییل"}
# A final ی that is read as ا. Not for all words: رضی and رضا, ساری and سارا are two names.
_READ_AS_ALEF = "عیسی|موسی|یحیی|مصطفی|مرتضی|مجتبی|کبری|صغری|طوبی|هدی|بشری|سلمی|سلوی|کسری|ضحی|عظمی|لبنی"
# Iranian words that were recorded with ط; the short ones only where a word begins.
_WITH_TA = ("طهماسب", "طهمورث", "طهمینه")
_BEGIN_WITH_TA = ("طهران", "طوس", "طالش", "طارم")

_IN_A_WORD = (
    *((re.compile(old), new) for old, new in _SHORT_ALEF.items()),
    *((re.compile(f"^({_FIRST_PART}){old}$"), rf"\1{new}") for old, new in _SHORT_ALEF_WORDS.items()),
    (re.compile(f"^{_FIRST_PART}(?:{_READ_AS_ALEF})(?=$|زاده|پور|نژاد)"), None),
    (re.compile("الهدی$"), "الهدا"),
    *((re.compile(word), f"ت{word[1:]}") for word in _WITH_TA),
    *((re.compile(f"^{word}"), f"ت{word[1:]}") for word in _BEGIN_WITH_TA),
    (re.compile("وو"), "و"),
    (re.compile("^(محمد|امیر|علی|سید|میر|غلام)?(ابو|عبد)ل(?!ال?له)(?=.{3})"), r"\1\2ال"),
)

# Parts that make another surname of the one before them: محمدی and محمدی‌نژاد are two families.
_SURNAME_PARTS = (
    "زاده|زاد|پور|نژاد|فر|نیا|فرد|نسب|تبار|وند|لو|زهی|منش|خواه|دوست|پناه|پرست|"
    "کیش|سرشت|یار|بخش|داد|دخت|نیک|دل|پنجه|گر|چی|اوغلی|اوغلو"
)
_MAKES_ANOTHER = re.compile(f"(?:.*(?:زاده|پور|نژاد)|(?:{_SURNAME_PARTS})(?:ی|یان)?)")
# سیدآبادی comes from a place, سیدزاده is a surname: what follows is no name with a title before it.
_NO_NAME_BEHIND_A_TITLE = re.compile(f"(?:اباد|{_SURNAME_PARTS})(?:ی|یان)?")

_TITLES = frozenset({"سید", "سیده", "میر", "حاج", "حاجیه", "بیبی"})
_JOINED_TITLES = ("سیده", "سید")
_TITLES_BEHIND = frozenset({"سادات", "السادات", "بیگم", "خانم"})
_JOINED_TITLES_BEHIND = ("السادات", "سادات", "بیگم")
# End in ی, and are neither a surname nor a place or tribe that is told with one.
_NO_SURNAME = frozenset({"حاجی", "قاضی", "بنی", "بی", "نی", "سی", "کی"})


def are_one_first_name(one: str, other: str) -> bool:
    """Whether two first names of different keys are known to be one: other letters, or a title more or less."""
    return any(
        _keys(ours) & _keys(theirs)
        for ours in _without_titles(_words(one), surname=False)
        for theirs in _without_titles(_words(other), surname=False)
    )


def are_one_last_name(one: str, other: str) -> bool:
    """As `are_one_first_name`, of surnames; also when one has words more that are left out in daily life."""
    return any(
        _keys(ours) & _keys(theirs) or _has_words_more(ours, theirs) or _has_words_more(theirs, ours)
        for ours in _without_titles(_words(one), surname=True)
        for theirs in _without_titles(_words(other), surname=True)
    )


def _words(name: str) -> Words:
    """The words of a name, hamze forms as written; «بی بی», «علی آبادی», «عبدل رحیم» are one word each."""
    words: list[str] = []
    for word in filter(None, _BETWEEN_WORDS.split(normalise_name(name))):
        if words and _is_one_word(words[-1], word):
            words[-1] += word
        else:
            words.append(word)
    return tuple(words)


def _is_one_word(first: str, second: str) -> bool:
    return fold(second).startswith("اباد") or first == second == "بی" or first in ("ابول", "عبدل")


def _keys(words: Words) -> set[str]:
    """The looser keys of a name: one, or two if it has a ة, which is heard as h or as t."""
    readings = {words, tuple(word.replace("ة", "ت") for word in words)}
    return {_key(reading) for reading in readings}


def _key(words: Words) -> str:
    letters = [_key_of_word(word) for word in words]
    key = "".join(letters)
    # Allahi and Elahi are two names, and so are the bare words; joined to another word الله and اله are one.
    if letters[:1] == ["اللهی"] or re.fullmatch("الله|اللهی(?:زاده|پور|نژاد|فر|نیا|فرد)?", key):
        return key
    key = key.replace("الله", "اله")
    return re.sub("(?<=..)ه(?=اله)", "ت", key)  # «نصره اله»; not هاله


def _key_of_word(word: str) -> str:
    word = re.sub("^ا?ئ(?=[اآ])|(?<=^ا)ئ", "", word)  # ئاسو, ائلین
    word = re.sub("^ئ(?=[وی])", "ا", word)
    word = re.sub("[ئأؤء](?=و)", "", word)  # رئوف, رؤوف
    word = fold(re.sub("[ئأ](?=ت)", "ا", word))  # هیئت, هیأت
    for pattern, replacement in _IN_A_WORD:
        word = pattern.sub(_alef_at_end if replacement is None else replacement, word)
    return word


def _alef_at_end(found: re.Match[str]) -> str:
    return found[0][:-1] + "ا"


def _without_titles(words: Words, *, surname: bool) -> Iterator[Words]:
    """A name with and without the titles around it. Something of two letters or more is always left."""
    yield words
    if not words:
        return
    first, rest = fold(words[0]), words[1:]
    if rest and (first in _TITLES or (first == "حاجی" and not surname)) and _may_follow_a_title(rest[0]):
        yield from _without_titles(rest, surname=surname)
    for title in _JOINED_TITLES:
        behind = words[0].removeprefix(title)
        if behind != words[0] and len(behind) > 1 and _may_follow_a_title(behind):
            yield (behind, *rest)
    if surname:
        return
    if rest and fold(words[-1]) in _TITLES_BEHIND:
        yield from _without_titles(words[:-1], surname=surname)
    for title in _JOINED_TITLES_BEHIND:
        before = words[-1].removesuffix(title)
        if before != words[-1] and len(before) > 1:
            yield (*words[:-1], before)


def _may_follow_a_title(word: str) -> bool:
    return not _NO_NAME_BEHIND_A_TITLE.fullmatch(fold(word))


def _has_words_more(longer: Words, shorter: Words) -> bool:
    """Whether a surname is the other one with words more: «محمدی اصل», «حسینی تهرانی», «م قاسمی»."""
    return any(
        (_keys(longer[:place]) & _keys(shorter) and _may_be_added_behind(longer[:place], longer[place:]))
        or (_keys(longer[place:]) & _keys(shorter) and _may_be_added_before(longer[:place], longer[place:]))
        for place in range(1, len(longer))
    )


def _may_be_added_behind(surname: Words, added: Words) -> bool:
    return _is_of_a_family(surname[-1]) and all(_tells_families_apart(word) for word in added)


def _may_be_added_before(added: Words, surname: Words) -> bool:
    """One letter, or words that end in ی before one that ends so, too."""
    if len(added) == 1 and len(added[0]) == 1:
        return True
    return _is_of_a_family(surname[0]) and all(_is_of_a_family(word) and _tells_families_apart(word) for word in added)


def _is_of_a_family(word: str) -> bool:
    """Whether a word ends in the ی by which surnames are made of names, places and tribes."""
    key = fold(word)
    return key.endswith("ی") and key not in _NO_SURNAME and not _is_given_name(key)


def _tells_families_apart(word: str) -> bool:
    key = fold(word)
    return key not in _NO_SURNAME and not _is_given_name(key) and not _MAKES_ANOTHER.fullmatch(key)


def _is_given_name(key: str) -> bool:
    return is_given_name(key) or key.endswith(("علی", "قلی"))
