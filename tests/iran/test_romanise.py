"""What counts as a name in a password, and what does not."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iran.letters import ALPHABET, HAMZE_FORMS
from iran.romanise import contains_name, slots, words

SPELLINGS = {
    "محمدی": "Mohammadi Mohamadi mohammady Muhammadi mohamedi mhmdY mhmd M0hammadi Moh4mmadi",
    "علیرضا": "Alireza alirezza Aliriza AliReza ALIREZA",
    "علی": "Ali aly ALI",
    "رضا": "Reza reza Riza",
    "حسین": "Hossein Hosein Husayn Hussain Husein Hosen Hoseyn",
    "محمد": "Mohammad Mohamad Muhammad Mohammed Mehmet mhmd",
    "احمدی": "Ahmadi",
    "زهرا": "Zahra",
    "فاطمه": "Fatemeh Fatima Fatme Fateme",
    "فاطمة": "Fatemeh",
    "سعید": "Saeed Saeid Saied Said",
    "اسماعیل": "Esmaeil Ismail Esmail Esmaiel",
    "إبراهیم": "Ebrahim Ibrahim",
    "عبدالله": "Abdollah Abdullah Abdolah",
    "عبدالرضا": "Abdolreza Abdorreza",
    "ابوالفضل": "Abolfazl Abulfazl",
    "رضایی": "Rezaei Rezaee Rezai Rezaie Rezayi",
    "رضائی": "Rezaei Rezai",
    "رئیسی": "Raisi Raeisi Raeesi",
    "رئوف": "Raouf Rauf",
    "رؤیا": "Roya",
    "یگانه": "Yeganeh",
    "خواجه": "Khajeh",
    "خدیجه": "Khadijeh Xadije",
    "قاسمی": "Ghasemi Qasemi",
    "عزالدین": "Ezzeddin Ezedin",
    "داود": "Davood Davoud Davud Dawood",
    "پویا": "Pouya Pooya Puya",
    "سمیه": "Somayeh Somaye",
    "رقیه": "Roghayeh Roqayye",
    "موسوی": "Mousavi Moosavi Musavi",
    "ژاله": "Zhaleh Jaleh",
    "حیدری": "Heydari Heidari",
    "مصطفی": "Mostafa Mustafa",
    "موسی": "Musa Mousa",
    "كوروش": "Cyrus Kourosh Koorosh",
    "ایمان": "Iman Eyman",
    "کریمی": "krm Karimi Kareemi",
    "جعفر": "Jafar Jaafar",
    "ثریا": "Soraya",
    "معصومه": "Masoumeh Masumeh",
    "آرش": "Arash",
    "طه": "Taha",
}
PAIRS = [(name, spelling) for name, spellings in SPELLINGS.items() for spelling in spellings.split()]


def test_the_usual_spellings_are_found() -> None:
    written = [(name, shape.format(spelling)) for name, spelling in PAIRS for shape in ("{}1402", "x9{}!5")]
    assert [(name, password) for name, password in written if not contains_name(password, name)] == []


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("علی", "Salim1234"),
        ("علی", "Emily1234"),
        ("علی", "Molly12345"),
        ("علیرضا", "Ali12345A"),
        ("محمدی", "Hammad1234"),
        ("رضا", "Horizon12"),
        ("سارا", "Caesarall1"),
        ("مینا", "Terminal12"),
        ("امیر", "Hammer123"),
        ("پری", "Experience1"),
        ("ستاری", "Master1234"),
        ("طاهری", "Brother123"),
        ("طاهری", "Throne1234"),
        ("کریمی", "Workrm1234"),
        ("نوری", "Winter1234"),
        ("حسن", "Johnson123"),
        ("حسینی نیا", "California1"),
        ("", "Anything12"),
        ("ی", "Anything12"),
    ],
)
def test_ordinary_passwords_stay_possible(name: str, password: str) -> None:
    assert not contains_name(password, name)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("محمد رضا", "Reza12345"),
        ("محمد رضا", "xMohamad12"),
        ("محمد رضا", "xxMohammadrezaxx1"),
        ("محمد\u200cرضا", "Reza12345"),
        ("حسینی نژاد", "Hosseini12"),
        ("حسینی نژاد", "Nejad1234"),
        ("حسینی\u200cنژاد", "Hoseininezhad1"),
        ("سید محمدی", "Mohammadi1!"),
        ("علی پور", "Ali123456"),
    ],
)
def test_each_part_of_a_compound_name_counts(name: str, password: str) -> None:
    assert contains_name(password, name)


def test_titles_and_common_endings_do_not_count_alone() -> None:
    assert words("سید علی پور") == ["سیدعلیپور", "علی"]
    assert words("پور") == ["پور"]
    assert not contains_name("Seyed12345", "سید رضا")


@pytest.mark.parametrize(
    "password", ["MyAli1234", "Ali12345A", "Aliali12", "Alireza99", "xxAli", "my!ali!99", "Gholamali1"]
)
def test_a_short_name_counts_where_a_word_starts_or_ends(password: str) -> None:
    assert contains_name(password, "علی")


def test_a_latin_name_is_found_as_it_stands() -> None:
    assert contains_name("xxschmidt12", "Schmidt")
    assert contains_name("Lee123456", "Lee")
    assert not contains_name("Fleet1234", "Lee")


def test_a_name_in_persian_letters_is_found() -> None:
    assert contains_name("Aa1محمدی", "محمدي")


@given(st.data(), st.sampled_from([name for name in SPELLINGS if name != "علی"]))
def test_every_way_to_read_the_letters_is_found(data: st.DataObject, name: str) -> None:
    spelling = "".join(data.draw(st.sampled_from(slot)) for slot in slots(words(name)[0]))
    if len(spelling) >= 4:
        assert contains_name(f"Zz9{spelling.upper()}!7", name)


@given(
    st.text(st.sampled_from([*ALPHABET, *HAMZE_FORMS, " ", "\u200c"]), max_size=50),
    st.text(st.sampled_from("aeiouy01!Zkhnm"), max_size=140),
)
def test_any_name_and_any_password_get_an_answer(name: str, password: str) -> None:
    assert contains_name(password, name) in (True, False)


@pytest.mark.parametrize("name", ["ی" * 50, "و" * 50, "عی" * 25, "ا" * 50, "ال" * 25, "ب" * 50, "یوعا" * 12])
@pytest.mark.parametrize("password", ["i" * 128, "ouiea" * 25, "a" * 10_000, "b" * 128, "yi" * 64])
def test_the_work_is_bounded_by_the_slots(name: str, password: str) -> None:
    """Ambiguous names over ambiguous passwords, on which a backtracking search would not end in our lifetime."""
    readings = 1
    for slot in slots(words(name)[0]):
        readings *= len(slot)
    assert readings > 10**9
    assert contains_name(password, name) in (True, False)


def test_no_alternative_is_listed_twice() -> None:
    alphabet = [*ALPHABET, "ئ"]
    for one, other, third in itertools.product(alphabet, repeat=3):
        for slot in slots(one + other + third):
            assert len(set(slot)) == len(slot)
