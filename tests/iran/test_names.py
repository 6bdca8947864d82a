import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iran.letters import ALPHABET, HAMZE_FORMS
from iran.names import fold, is_name, normalise_answer, normalise_name

ZWNJ = "\u200c"
# Everything that has a rule, so that random texts meet the rules often.
letters = st.sampled_from(
    [
        *ALPHABET,
        *HAMZE_FORMS,
        *"يىېۍێؠۑكڪھہەٱـ َُِّٰٔ-.'’ ﷲﷺﻼﻋﻠﻲ",
        ZWNJ,
        "\u200d",
        "\u200e",
        "\u00a0",
        "\u0653",
        "\ufeff",
        "e",
        "\u0301",
    ]
)
texts = st.one_of(st.text(letters, max_size=20), st.text(max_size=20))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("علي", "علی"),
        ("كريمى", "کریمی"),
        ("ڪاظم", "کاظم"),
        ("شاھ ہ ە", "شاه ه ه"),
        ("ٱحمد", "احمد"),
        ("کـــاظم", "کاظم"),
        ("مُحَمَّد", "محمد"),
        ("موسىٰ", "موسی"),
        ("همهٔ", "همۀ"),
        ("ﻋﻠﻲ", "علی"),
        ("ﻣﺤﻤﺪ", "محمد"),
        ("عبدﷲ", "عبدالله"),
        ("  محمد \u00a0\u3000 رضا\t", "محمد رضا"),
        (f"{ZWNJ}علی{ZWNJ}{ZWNJ}رضا{ZWNJ}", f"علی{ZWNJ}رضا"),
        (f"علی {ZWNJ} {ZWNJ}رضا", "علی رضا"),
        ("\u200fعلی\u200e\u00ad\ufeff\u200d", "علی"),
        ("آرش رؤیا رئوف ضیاء فاطمة", "آرش رؤیا رئوف ضیاء فاطمة"),
        ("", ""),
        (f" {ZWNJ}\u200f", ""),
    ],
)
def test_a_name_as_it_is_stored(typed: str, stored: str) -> None:
    assert normalise_name(typed) == stored


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("عليرضا", f"علی{ZWNJ}رضا"),
        ("علی رضا", "علیرضا"),
        ("فاطمة", "فاطمه"),
        ("ضياءالدين", "ضیاالدین"),
        ("کـــاظم", "كاظم"),
        ("امير", "امیر"),
        ("آرش", "ارش"),
        ("أحمد", "احمد"),
        ("إسماعیل", "اسماعیل"),
        ("مؤمنی", "مومنی"),
        ("رضائی", "رضایی"),
        ("همۀ", "همه"),
        ("همهٔ", "همه"),
        ("حسینی-نژاد", "حسینی نژاد"),
        ("م. رضا", "مرضا"),
        ("ﻣﺤﻤّﺪ", "محمد"),
    ],
)
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("حسن", "حسین"), ("رضا", "رضایی"), ("علی", "عالی"), ("سارا", "ساره")])
def test_names_that_differ(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(texts)
@example("ە\u0654")
@example("e\u200d\u0301")
@example("ه\u200f\u0654")
def test_storing_twice_changes_nothing(text: str) -> None:
    stored = normalise_name(text)
    assert normalise_name(stored) == stored


@given(texts)
def test_the_key_of_a_stored_name_is_the_key_of_what_was_typed(text: str) -> None:
    assert fold(normalise_name(text)) == fold(text)
    assert fold(fold(text)) == fold(text)


@given(st.text(st.sampled_from([*ALPHABET, *HAMZE_FORMS, " ", ZWNJ]), max_size=30))
def test_what_is_stored_from_persian_letters_is_a_name_or_nothing(text: str) -> None:
    stored = normalise_name(text)
    assert is_name(stored) or not stored
    assert "  " not in stored
    assert f" {ZWNJ}" not in stored
    assert f"{ZWNJ} " not in stored


@pytest.mark.parametrize(
    "text", ["", "Ali", "علی2", "علی۲", "علی-رضا", "علی.", "علی\x00", "علی\n", " علی", "علی" + ZWNJ, "(علی)", "ﻋﻠﻲ"]
)
def test_what_is_no_name(text: str) -> None:
    assert not is_name(text)


def test_every_letter_may_stand_in_a_name() -> None:
    letters = [*ALPHABET, *HAMZE_FORMS]
    assert [letter for letter in letters if not is_name(f"{letter}ا")] == []
    assert {letter: len(fold(letter)) for letter in letters} == {letter: int(letter != "ء") for letter in letters}


@pytest.mark.parametrize(
    ("registered", "recovered"),
    [
        (f"علي {ZWNJ}{ZWNJ}رضا", "علی رضا"),
        ("Rex", "rEX"),
        ("ＲＥＸ", "rex"),
        ("سال ۱۳۶۵", "سال 1365"),
        ("سال ١٣٦٥", "سال 1365"),
        ("مدرسهٔ  شهید  رجائی!", "مدرسه شهید رجایی"),
        ("«دبستان: آزادی»", "دبستان ازادی"),
        ("STRASSE", "straße"),
        ("مـــریم", "مریم"),
        ("مریم\x00\u202b", "مریم"),
        ("فاطمة", " فاطمه "),
    ],
)
def test_answers_that_are_the_same(registered: str, recovered: str) -> None:
    assert normalise_answer(registered) == normalise_answer(recovered)


def test_the_canonical_text_of_an_answer() -> None:
    assert normalise_answer(" خانم  Karīmī، ۲ ") == "خانم karīmī 2"
    assert normalise_answer("؟!... ـ") == ""
    assert normalise_answer("رضا") != normalise_answer("رضایی")


@given(texts)
def test_an_answer_is_canonical_after_the_first_time(text: str) -> None:
    answer = normalise_answer(text)
    assert normalise_answer(answer) == answer
    assert answer == answer.strip()
    assert "  " not in answer
