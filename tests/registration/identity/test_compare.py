"""Comparing what was stated with what was answered: nobody is turned away by spelling, nobody passes as another."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from accounts.models import Person
from iran.jalali import to_gregorian
from iran.letters import ALPHABET
from registration.identity import compare as rules
from registration.identity.base import Applicant, Finding, Identity
from registration.identity.compare import NUMBERED_BY_NATIONAL_CODE, Recorded, compare, letters, names, numbers
from registration.identity.failures import IdentityError
from tests.people import STATED, national_code, replace

CODE = national_code(301)
APPLICANT = Applicant(
    national_code=CODE,
    mobile="+989000000301",
    **STATED
    | {
        "first_name": "علی‌رضا",
        "last_name": "کریمی نژاد",
        "gender": "male",
        "birth_date": dt.date(1986, 6, 17),
        "certificate_number": "2417",
        "certificate_serial": "004512",
        "certificate_series_letter": "الف",
        "certificate_series_number": "07",
    },
)
RECORDED = Recorded(
    **STATED
    | {
        "first_name": "عليرضا",
        "last_name": "كريمي‌نژاد",
        "gender": "male",
        "birth_date": dt.date(1986, 6, 17),
        "certificate_number": 2417,
        "certificate_serial": 4512,
        "certificate_series_letter": "ا",
        "certificate_series_number": "۷",
    },
)
YOUNG = replace(APPLICANT, birth_date=NUMBERED_BY_NATIONAL_CODE, certificate_number=CODE)

words = st.text(ALPHABET, min_size=1, max_size=8)
full_names = st.lists(words, min_size=1, max_size=3).map(" ".join)
SPELLINGS = {"ی": "يىی", "ک": "كک", "ه": "هةۀ", "ا": "اأإآٱ", "و": "وؤ"}


def test_the_same_person_in_another_spelling_matches() -> None:
    identity, findings = compare(APPLICANT, RECORDED)
    assert identity == Identity.MATCH
    assert set(findings.values()) == {"match"}
    assert set(findings) == set(Person.IDENTITY_FIELDS)


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("first_name", "رضا"),
        ("last_name", "کرمی نژاد"),
        ("gender", "female"),
        ("birth_date", dt.date(1986, 6, 18)),
        ("certificate_number", 2418),
        ("certificate_serial", "4513"),
        ("certificate_series_letter", "ب"),
        ("certificate_series_number", 70),
    ],
)
def test_one_different_field_is_a_mismatch(field: str, other: Any) -> None:
    identity, findings = compare(APPLICANT, replace(RECORDED, **{field: other}))
    assert identity == Identity.MISMATCH
    assert {name for name, finding in findings.items() if finding == "mismatch"} == {field}


@pytest.mark.parametrize("nothing", [None, "", "0"])
@pytest.mark.parametrize("field", ["certificate_number", "certificate_serial", "certificate_series_number"])
def test_a_number_the_registry_lacks_is_not_different(field: str, nothing: Any) -> None:
    identity, findings = compare(APPLICANT, replace(RECORDED, **{field: nothing}))
    assert identity == Identity.MATCH
    assert findings[field] == "absent"


@pytest.mark.parametrize("field", ["gender", "birth_date", "certificate_series_letter"])
def test_a_field_the_registry_lacks_is_not_different(field: str) -> None:
    lacking: dict[str, Any] = {field: None}
    identity, findings = compare(APPLICANT, replace(RECORDED, **lacking))
    assert identity == Identity.MATCH
    assert findings[field] == "absent"


def test_a_zero_stated_does_not_escape_the_comparison() -> None:
    identity, findings = compare(replace(APPLICANT, certificate_serial="000000"), RECORDED)
    assert identity == Identity.MISMATCH
    assert findings["certificate_serial"] == "mismatch"


def test_the_deceased_are_deceased_whatever_else_is_found() -> None:
    assert compare(APPLICANT, replace(RECORDED, is_alive=False))[0] == Identity.DECEASED
    assert compare(APPLICANT, replace(RECORDED, is_alive=False, first_name="رضا"))[0] == Identity.DECEASED
    assert compare(APPLICANT, Recorded(is_alive=False))[0] == Identity.DECEASED


@pytest.mark.parametrize(
    "answer",
    [
        Recorded(),
        replace(RECORDED, first_name=None),
        replace(RECORDED, last_name=""),
        replace(RECORDED, birth_date=None, certificate_number=0),
    ],
)
def test_an_answer_that_would_prove_nothing_decides_nothing(answer: Recorded) -> None:
    with pytest.raises(IdentityError, match="answer too thin to compare"):
        compare(APPLICANT, answer)


def test_a_number_taken_from_the_applicants_own_word_proves_nothing() -> None:
    with pytest.raises(IdentityError):
        compare(YOUNG, Recorded(first_name=YOUNG.first_name, last_name=YOUNG.last_name))
    proved = Recorded(first_name=YOUNG.first_name, last_name=YOUNG.last_name, certificate_number=CODE)
    assert compare(YOUNG, proved)[0] == Identity.MATCH


@pytest.mark.parametrize("lacking", [None, "", 0, "0", "000", "۰", CODE, int(CODE)])
def test_from_1368_on_the_certificate_number_is_the_national_code(lacking: str | int | None) -> None:
    record = replace(RECORDED, birth_date=YOUNG.birth_date, certificate_number=lacking)
    assert compare(YOUNG, record)[1]["certificate_number"] == "match"
    other = replace(YOUNG, certificate_number="2417")
    assert compare(other, record)[1]["certificate_number"] == "mismatch"


@pytest.mark.parametrize("odd", ["X", "الف"])
def test_what_is_no_number_is_not_taken_for_a_missing_one(odd: str) -> None:
    record = replace(RECORDED, birth_date=YOUNG.birth_date, certificate_number=odd)
    assert compare(YOUNG, record)[1]["certificate_number"] == "absent"


def test_who_was_given_another_number_after_1368_is_compared_with_that() -> None:
    record = replace(RECORDED, birth_date=YOUNG.birth_date, certificate_number="31")
    assert compare(replace(YOUNG, certificate_number="0031"), record)[0] == Identity.MATCH
    assert compare(YOUNG, record)[1]["certificate_number"] == "mismatch"


def test_the_day_before_1368_a_missing_number_is_not_compared() -> None:
    before = NUMBERED_BY_NATIONAL_CODE - dt.timedelta(days=1)
    record = replace(RECORDED, birth_date=before, certificate_number=0)
    assert compare(replace(YOUNG, birth_date=before), record)[1]["certificate_number"] == "absent"


def test_the_registrys_birth_date_tells_how_a_certificate_is_numbered() -> None:
    record = replace(RECORDED, birth_date=dt.date(1980, 1, 1), certificate_number=0)
    assert compare(YOUNG, record)[1]["certificate_number"] == "absent"


@pytest.mark.parametrize(
    ("stated", "recorded"),
    [
        ("علیرضا", "علی‌رضا"),
        ("علی رضا", "عليرضا"),
        ("فاطمه", "فاطمة"),
        ("ضیاالدین", "ضیاءالدین"),
        ("کاظم", "كـــاظم"),
        ("رئوف", "ریوف"),
        ("سید محمد", "سیدمحمد"),
        ("میر حسین", "میرحسین"),
        ("عبدالله", "عبدﷲ"),
        ("زاده‌حسینی", "زاده-حسینی"),
    ],
)
def test_spellings_of_one_name_match(stated: str, recorded: str) -> None:
    assert names(stated, recorded) == Finding.MATCH


@pytest.mark.parametrize(
    ("stated", "recorded"),
    [
        ("محمد", "سید محمد"),
        ("محمد", "سیدمحمد"),
        ("محمد", "سيد\u200cمحمد"),
        ("زهرا", "سیده زهرا"),
        ("زهرا", "سیدهزهرا"),
        ("سید زهرا", "سیده زهرا"),
        ("حسین", "میر حسین"),
        ("کاظم", "حاج کاظم"),
        ("کاظم", "حاج سید کاظم"),
        ("سید علی اکبر", "علی‌اکبر"),
        ("محمد رضا", "سیدمحمد رضا"),
        ("طه", "سیدطه"),
    ],
)
def test_names_that_differ_by_a_title_are_similar_both_ways(stated: str, recorded: str) -> None:
    assert names(stated, recorded) == Finding.SIMILAR
    assert names(recorded, stated) == Finding.SIMILAR
    applicant, record = replace(APPLICANT, first_name=stated), replace(RECORDED, first_name=recorded)
    assert compare(applicant, record)[0] == Identity.MATCH


@pytest.mark.parametrize(
    ("stated", "recorded"),
    [
        ("میرزا", "زا"),
        ("حاجی", "ی"),
        ("سیده", "ه"),
        ("سید", "سیده"),
        ("سید محمد", "سید احمد"),
        ("محمد", "محمد سید"),
        ("محمد", "محمدعلی"),
    ],
)
def test_what_only_looks_like_a_title_does_not_hide_a_difference(stated: str, recorded: str) -> None:
    assert names(stated, recorded) == names(recorded, stated) == Finding.MISMATCH


@pytest.mark.parametrize(
    ("similarity", "finding"),
    [(100, "match"), (95, "match"), (94.9, "similar"), (80, "similar"), (79.9, "mismatch"), (0, "mismatch")],
)
def test_a_services_own_similarity_counts_instead_of_the_text(similarity: float, finding: str) -> None:
    assert names("محمد", None, similarity) == finding
    assert names("محمد", "محمد", similarity) == finding
    identity, findings = compare(APPLICANT, replace(RECORDED, first_name=None, first_name_similarity=similarity))
    assert findings["first_name"] == finding
    assert (identity == Identity.MISMATCH) == (finding == "mismatch")


@given(full_names, full_names)
def test_comparing_names_is_symmetric(one: str, other: str) -> None:
    assert names(one, other) == names(other, one)


@given(full_names, st.data())
def test_a_name_matches_itself_however_it_is_written(name: str, data: st.DataObject) -> None:
    written = "".join(data.draw(st.sampled_from(SPELLINGS.get(letter, letter))) for letter in name)
    written = written.replace(" ", data.draw(st.sampled_from(["", " ", "  ", "\u200c", "\u00a0", "-"])))
    assert names(name, written) == names(written, name) == Finding.MATCH


@given(full_names, full_names)
def test_a_title_before_two_names_leaves_them_as_different_as_they_were(one: str, other: str) -> None:
    assume("سید" not in one + " " + other)
    assert names(f"سید {one}", f"سید {other}") == names(one, other)


DIGITS = ["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９"]


@given(st.integers(1, 10**10), st.integers(1, 10**10), st.integers(0, 5), st.sampled_from(DIGITS))
def test_numbers_are_compared_as_numbers(one: int, other: int, zeros: int, digits: str) -> None:
    written = ("0" * zeros + str(one)).translate(str.maketrans("0123456789", digits))
    assert numbers(written, one) == numbers(str(one), written) == Finding.MATCH
    assert numbers(one, other) == numbers(other, one) == (Finding.MATCH if one == other else Finding.MISMATCH)


def test_what_is_no_number_is_not_compared_on_the_registrys_side_only() -> None:
    assert numbers("12", "12/الف") == Finding.ABSENT
    assert numbers("12x", "12") == Finding.MISMATCH
    assert numbers("²", "2") == Finding.MISMATCH


@pytest.mark.parametrize("written", ["ا", "أ", "آ", "الف", "الـف", " الف "])
def test_all_ways_to_write_alef_are_one_letter(written: str) -> None:
    assert letters("الف", written) == letters(written, "ا") == Finding.MATCH
    assert letters("ب", written) == Finding.MISMATCH


@given(st.sampled_from(ALPHABET), st.sampled_from(ALPHABET))
def test_letters_are_equal_only_to_themselves(one: str, other: str) -> None:
    assert letters(one, other) == letters(other, one) == (Finding.MATCH if one == other else Finding.MISMATCH)


def test_the_year_1368_begins_on_the_day_of_the_rule() -> None:
    assert to_gregorian(1368, 1, 1) == rules.NUMBERED_BY_NATIONAL_CODE


def test_nothing_personal_in_a_repr() -> None:
    for text in (repr(APPLICANT), str(APPLICANT), f"{[APPLICANT]}", repr(RECORDED)):
        assert text.strip("[]") in ("Applicant(…)", "Recorded(…)")
