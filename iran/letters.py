"""The letters of the Persian alphabet: to recognise names, to sort texts, to name the series of birth certificates."""

ALPHABET = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
# Letters with hamze and the like that names are really written with; they are stored as typed.
HAMZE_FORMS = "آأإؤئءةۀۂ"
# Of a birth certificate's series, in their order; the first is spelled out as it is printed.
SERIES_LETTERS = ("الف", *ALPHABET[1:])

# By code point پ چ ژ ک گ ی would stand behind all other letters.
_PLACES = {ord(letter): chr(place) for place, letter in enumerate(f"آ{ALPHABET}", start=1)}
_SAME_PLACE = {"أ": "ا", "إ": "ا", "ؤ": "و", "ئ": "ی", "ة": "ه", "ۀ": "ه"}
_PLACES |= {ord(sign): _PLACES[ord(letter)] for sign, letter in _SAME_PLACE.items()}


def alphabet_key(text: str) -> tuple[str, str]:
    """Sorts by the Persian alphabet. Only letters count: «قائم‌شهر» and «قائم شهر» stand in the same place."""
    return "".join(_PLACES.get(ord(sign), "") for sign in text), text
