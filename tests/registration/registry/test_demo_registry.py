"""The made-up people of the demonstration: real in form, nobody in fact, and each good for its story."""

import csv
from pathlib import Path

import pytest

from iran import jalali
from iran.names import is_name, normalise_name
from iran.numbers import normalise_mobile, normalise_national_code
from registration.registry.lines import columns
from tests.people import national_code

FILE = Path(__file__).parents[3] / "registration" / "data" / "demo_registry.csv"

with FILE.open(encoding="utf-8", newline="") as opened:
    HEADER, *LINES = csv.reader(opened)
PEOPLE = [dict(zip(HEADER, line, strict=True)) for line in LINES]
people = pytest.mark.parametrize("person", PEOPLE, ids=[line[0] for line in LINES])


def birth(person: dict[str, str]) -> tuple[int, int, int]:
    year, month, day = (int(part) for part in person["birth_date"].split("/"))
    return year, month, day


def test_the_columns_are_those_of_the_import() -> None:
    assert tuple(HEADER) == columns()


@people
def test_the_national_code_is_right_and_no_office_has_given_it_to_anybody(person: dict[str, str]) -> None:
    code = person["national_code"]
    assert normalise_national_code(code) == code
    assert code == national_code(int(code[6:9]), int(code[:3]))


@people
def test_names_are_written_as_they_are_stored(person: dict[str, str]) -> None:
    for column in ("first_name", "last_name", "father_name"):
        name = person[column]
        assert is_name(name)
        assert normalise_name(name) == name


@people
def test_mobiles_are_accepted_and_made_up(person: dict[str, str]) -> None:
    for mobile in person["mobiles"].split():
        assert normalise_mobile(mobile) == f"+98{mobile[1:]}"
        assert mobile.startswith("09120000")


@people
def test_the_certificate_fits_the_birth_date(person: dict[str, str]) -> None:
    jalali.to_gregorian(*birth(person))
    number = person["certificate_number"]
    assert (number == person["national_code"]) == (birth(person)[0] >= 1368)
    assert 1 <= len(number) <= 10
    assert len(person["certificate_serial"]) == 6
    assert 1 <= len(person["certificate_series_number"]) <= 3
    digits = number + person["certificate_serial"] + person["certificate_series_number"]
    assert set(digits) <= set("0123456789")
    assert is_name(person["certificate_series_letter"])
    assert person["gender"] in {"female", "male"}
    assert person["alive"] in {"0", "1"}


def test_nobody_shares_a_code_or_a_mobile() -> None:
    codes = [person["national_code"] for person in PEOPLE]
    mobiles = [mobile for person in PEOPLE for mobile in person["mobiles"].split()]
    assert len(set(codes)) == len(codes) >= 12
    assert len(set(mobiles)) == len(mobiles)


def test_the_first_three_can_show_each_outcome() -> None:
    """Own mobile → activated; the mobile of the fourth → branch; a wrong name → mismatch."""
    assert all(person["alive"] == "1" and person["mobiles"] for person in PEOPLE[:4])


def test_the_others_show_the_edges() -> None:
    assert [person["alive"] for person in PEOPLE].count("0") == 1
    assert any(person["alive"] == "1" and not person["mobiles"] for person in PEOPLE)
    assert {person["gender"] for person in PEOPLE} == {"female", "male"}
    births = {birth(person) for person in PEOPLE}
    assert {(1367, 12, 29), (1368, 1, 1), (1375, 12, 30)} <= births  # the turn of 1368; a leap day
    names = " ".join(person["first_name"] + " " + person["last_name"] for person in PEOPLE)
    assert all(part in names for part in ("علی‌رضا", "سیده زهرا", "حسینی‌نژاد", "ضیاءالدینی"))
