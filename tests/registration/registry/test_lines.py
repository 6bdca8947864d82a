"""Lines of the registry's file: normalised like what citizens type, refused with every reason, fast paths included."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iran import jalali
from iran.letters import ALPHABET
from iran.names import fold, is_name, normalise_name
from iran.numbers import normalise_mobile, normalise_national_code
from registration.registry import fields as reads
from registration.registry.lines import Claims, RegistryLine, Rejected, columns, person_reader, stored_columns
from tests.people import national_code

TODAY = dt.date(2026, 11, 21)
CODE = national_code(321, office=7)
GOOD = {
    "national_code": CODE,
    "first_name": "علی‌رضا",
    "last_name": "حسینی نژاد",
    "father_name": "سید محمود",
    "gender": "male",
    "birth_date": "1365/03/27",
    "certificate_number": "2417",
    "certificate_series_letter": "ب",
    "certificate_series_number": "7",
    "certificate_serial": "004512",
    "alive": "1",
    "mobiles": "09000000321 09000000322",
}


def line(**changes: str) -> str:
    return ",".join([(GOOD | changes).get(column, "") for column in columns()])


def read(**changes: str) -> RegistryLine:
    return person_reader(columns(), TODAY)(line(**changes))


def stored(**changes: str) -> dict[str, str]:
    return dict(zip(stored_columns(), read(**changes).stored, strict=True))


def problems(text: str) -> list[str]:
    with pytest.raises(Rejected) as caught:
        person_reader(columns(), TODAY)(text)
    return [f"{problem.column}.{problem.code}" for problem in caught.value.problems]


def test_a_good_line_is_the_person_as_stored() -> None:
    assert stored() == dict.fromkeys(stored_columns(), "") | {
        "national_code": CODE,
        "first_name": "علی‌رضا",
        "last_name": "حسینی نژاد",
        "father_name": "سید محمود",
        "gender": "male",
        "birth_date": "1986-06-17",
        "certificate_number": "2417",
        "certificate_series_letter": "ب",
        "certificate_series_number": "7",
        "certificate_serial": "004512",
        "is_alive": "t",
        "mobiles": "+989000000321 +989000000322",
        "first_name_key": "علیرضا",
        "last_name_key": "حسینینژاد",
    }
    assert (read().national_code, read().mobiles) == (CODE, "+989000000321 +989000000322")


@pytest.mark.parametrize(
    ("column", "written", "field", "expected"),
    [
        ("national_code", CODE.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")), "national_code", CODE),
        ("national_code", CODE.removeprefix("00"), "national_code", CODE),
        ("national_code", f" {CODE[:3]}-{CODE[3:9]}-{CODE[9]}\u200f", "national_code", CODE),
        ("first_name", " علي\u200cرضا ", "first_name", "علی‌رضا"),
        ("last_name", "كريمي", "last_name_key", "کریمی"),
        ("first_name", '"رئوف"', "first_name_key", "رِیوف".replace("ِ", "")),
        ("father_name", "", "father_name", ""),
        ("father_name", " \u200c", "father_name", ""),
        ("gender", "زن", "gender", "female"),
        ("gender", " Female ", "gender", "female"),
        ("gender", "۲", "gender", "female"),
        ("gender", "1", "gender", "male"),
        ("gender", "مرد", "gender", "male"),
        ("gender", "", "gender", ""),
        ("birth_date", "۱۳۶۵-۳-۲۷", "birth_date", "1986-06-17"),
        ("birth_date", "13650327", "birth_date", "1986-06-17"),
        ("birth_date", "۱۳۶۵۰۳۲۷", "birth_date", "1986-06-17"),
        ("birth_date", "\u200e1365/03/27\u200f ", "birth_date", "1986-06-17"),
        ("birth_date", "1403/12/30", "birth_date", "2025-03-20"),
        ("certificate_number", "۲۴۱۷", "certificate_number", "2417"),
        ("certificate_number", "", "certificate_number", ""),
        ("certificate_serial", "٠٠٤٥١٢", "certificate_serial", "004512"),
        ("certificate_series_letter", "أ", "certificate_series_letter", "الف"),
        ("certificate_series_letter", "ا", "certificate_series_letter", "الف"),
        ("certificate_series_letter", "ي", "certificate_series_letter", "ی"),
        ("certificate_series_letter", " الف", "certificate_series_letter", "الف"),
        ("certificate_series_letter", "", "certificate_series_letter", ""),
        ("alive", "۰", "is_alive", "f"),
        ("mobiles", "", "mobiles", ""),
        ("mobiles", "-", "mobiles", ""),
        ("mobiles", "9000000321", "mobiles", "+989000000321"),
        ("mobiles", "۰۹۰۰۰۰۰۰۳۲۱ 00989000000321", "mobiles", "+989000000321"),
        (
            "mobiles",
            "+98 900 000 0321 0900-000-0322؛989000000323",
            "mobiles",
            "+989000000321 +989000000322 +989000000323",
        ),
        ("mobiles", "09000000322 (0900) 000 03 21 09000000323", "mobiles", "+989000000322 +989000000321 +989000000323"),
    ],
)
def test_written_forms_are_normalised(column: str, written: str, field: str, expected: str) -> None:
    assert stored(**{column: written})[field] == expected


@pytest.mark.parametrize(
    ("column", "written", "code"),
    [
        ("national_code", "", "empty"),
        ("national_code", CODE[:9] + str((int(CODE[9]) + 1) % 10), "checksum"),
        ("national_code", "2" * 10, "repeated"),
        ("national_code", "123000000" + "0", "serial"),
        ("national_code", "1234567", "length"),
        ("national_code", "12345678901", "length"),
        ("national_code", "7.999E+08", "letters"),
        ("first_name", "", "missing"),
        ("first_name", " \u200c ", "missing"),
        ("first_name", "Ali", "name"),
        ("first_name", "علی2", "name"),
        ("first_name", "علی\\", "name"),
        ("first_name", "ء", "name"),
        ("last_name", "رضا (علی)", "name"),
        ("last_name", "ا" * 61, "long"),
        ("last_name", "آ" * 61, "long"),
        ("father_name", "-", "name"),
        ("gender", "3", "gender"),
        ("gender", "other", "gender"),
        ("birth_date", "", "missing"),
        ("birth_date", "1365/13/01", "date"),
        ("birth_date", "1404/12/30", "date"),
        ("birth_date", "1986/06/17", "date"),
        ("birth_date", "27/03/1365", "date"),
        ("birth_date", "136503", "date"),
        ("birth_date", "1279/01/01", "date"),
        ("birth_date", "1405/09/01", "date"),
        ("certificate_number", "12345678901", "number"),
        ("certificate_number", "12.0", "number"),
        ("certificate_number", "۱۲الف", "number"),
        ("certificate_number", "²", "number"),
        ("certificate_series_number", "1234", "number"),
        ("certificate_serial", "1234567", "number"),
        ("certificate_series_letter", "بب", "letter"),
        ("certificate_series_letter", "A", "letter"),
        ("certificate_series_letter", "12/الف", "letter"),
        ("alive", "", "alive"),
        ("alive", "yes", "alive"),
        ("mobiles", "0900000032", "mobile"),
        ("mobiles", "02188888888", "mobile"),
        ("mobiles", "09000000321 0900000032", "mobile"),
        ("mobiles", "09000000321x", "mobile"),
        ("mobiles", "0900000032109000000322", "mobile"),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(column: str, written: str, code: str) -> None:
    assert problems(line(**{column: written})) == [f"{column}.{code}"]


def test_tomorrow_is_no_birth_date_today_is() -> None:
    assert stored(birth_date="1405/08/30")["birth_date"] == TODAY.isoformat()
    assert problems(line(birth_date="1405/09/01")) == ["birth_date.date"]


def test_all_problems_of_a_line_are_told_at_once() -> None:
    found = problems(line(first_name="", birth_date="x", mobiles="1"))
    assert found == ["first_name.missing", "birth_date.date", "mobiles.mobile"]


@pytest.mark.parametrize("text", ["", "a", line() + ",", line().rpartition(",")[0], '"' + line(), line() + '"x'])
def test_a_line_with_other_fields_than_the_header_is_refused(text: str) -> None:
    assert problems(text) == [".fields"] if text != line() + '"x' else ["mobiles.mobile"]


def test_columns_may_stand_in_any_order() -> None:
    header = tuple(reversed(columns()))
    text = ",".join(GOOD.get(column, "") for column in header)
    assert person_reader(header, TODAY)(text) == read()


def test_a_quoted_field_may_hold_commas() -> None:
    assert read(mobiles='"09000000321,09000000322"').mobiles == "+989000000321 +989000000322"


def test_a_code_is_claimed_once_and_a_mobile_by_one_person() -> None:
    claims = Claims()
    claims.add(read())
    again = read()
    with pytest.raises(Rejected) as caught:
        claims.add(again)
    assert [(problem.column, problem.code) for problem in caught.value.problems] == [
        ("national_code", "repeated_line"),
        ("mobiles", "taken"),
    ]
    neighbour = read(national_code=national_code(322, office=7), mobiles="09000000322 09000000999")
    with pytest.raises(Rejected):
        claims.add(neighbour)
    claims.add(
        read(national_code=national_code(322, office=7), mobiles="09000000999")
    )  # the refused line claimed nothing


names = st.text(ALPHABET + "آأئؤءةيك \u200cِـ-.\u200f\u00a0", max_size=20) | st.text(max_size=8)
numbers = st.text("0123456789۰۱۹٠٩ -\u200f\u200cxا", max_size=12)


@given(names)
def test_names_are_those_of_the_form(text: str) -> None:
    expected = normalise_name(text)
    if is_name(expected) and fold(expected) and len(expected) <= 60:
        assert reads.name(text) == expected
        assert reads.name_key(expected) == fold(expected)
        assert reads.name(expected) == expected
    else:
        with pytest.raises(reads.UnreadableField):
            reads.name(text)


@given(numbers)
def test_mobiles_are_those_of_the_form(text: str) -> None:
    check_same(reads.mobiles, normalise_mobile, "09000000" + text)


@given(st.integers(0, 10**10 - 1), st.booleans())
def test_national_codes_are_those_of_the_form(number: int, is_right: bool) -> None:
    check_same(
        reads.national_code,
        normalise_national_code,
        national_code(number % 1000) if is_right else f"{number:010}",
    )


@given(st.integers(1280, 1405), st.integers(0, 13), st.integers(0, 32), st.sampled_from(["/", "-", ""]))
def test_birth_dates_are_those_of_the_calendar(year: int, month: int, day: int, between: str) -> None:
    try:
        expected = jalali.parse(f"{year}/{month}/{day}", today=TODAY).isoformat()
    except jalali.JalaliError:
        expected = ""
    text = between.join((f"{year}", f"{month:02}", f"{day:02}"))
    if expected:
        assert reads.birth_date(text, today=TODAY) == expected
    else:
        with pytest.raises(reads.UnreadableField):
            reads.birth_date(text, today=TODAY)


def check_same(ours: reads.Read, theirs: reads.Read, text: str) -> None:
    try:
        expected = theirs(text)
    except Exception:  # noqa: BLE001  whatever the form refuses
        with pytest.raises(reads.UnreadableField):
            ours(text)
    else:
        assert ours(text) == expected
