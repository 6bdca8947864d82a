import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from iran.numbers import (
    MOBILE_MESSAGES,
    NATIONAL_CODE_MESSAGES,
    clean_number,
    local_mobile,
    mask_mobile,
    national_code_problem,
    normalise_mobile,
    normalise_national_code,
    to_ascii_digits,
)
from iran.typed import LONGEST
from registration.registry import fields
from tests.people import national_code

CODE = national_code(7)
KEYBOARDS = ["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９"]
NOISE = [
    " ",
    "\u00a0",
    "\u202f",
    "\t",
    "\n",
    "-",
    "\u2013",
    "\u2014",
    "\u2212",
    "ـ",
    "\u200e",
    "\u200f",
    "\u202a",
    "\u202c",
]
NOISE += ["\u2066", "\u2069", "\u200b", "\u200c", "\u200d", "\ufeff", "\u00ad", "\u061c"]

typed_keyboards = st.lists(st.sampled_from(KEYBOARDS), min_size=11, max_size=11)
typed_noise = st.lists(st.text(st.sampled_from(NOISE), max_size=3), min_size=12, max_size=12)


def typed(digits: str, keyboards: list[str], noise: list[str]) -> str:
    """The digits as they may come from keyboards and chats."""
    marks = "".join(noise[i] + keyboards[i][int(digit)] for i, digit in enumerate(digits))
    return marks + noise[len(digits)]


def problem_of(text: str) -> str:
    """The code of what is wrong with a national code; it is also told, in the words that belong to it."""
    with pytest.raises(ValidationError) as error:
        normalise_national_code(text)
    problem = str(error.value.code)
    assert error.value.messages == [str(NATIONAL_CODE_MESSAGES[problem])]
    return problem


def mobile_problem_of(text: str) -> str:
    with pytest.raises(ValidationError) as error:
        normalise_mobile(text)
    problem = str(error.value.code)
    assert error.value.messages == [str(MOBILE_MESSAGES[problem])]
    return problem


@pytest.mark.parametrize("keyboard", KEYBOARDS)
def test_digits_of_every_keyboard_become_ascii(keyboard: str) -> None:
    assert to_ascii_digits(f"a{keyboard}ب") == "a0123456789ب"


def test_digits_of_other_scripts_stay_and_are_no_digits() -> None:
    assert clean_number("१२³²") == "१२³²"
    assert problem_of(f"{CODE[:9]}²") == "letters"


@given(st.text(st.sampled_from("0123456789"), min_size=1, max_size=11), typed_keyboards, typed_noise)
def test_a_number_is_the_same_however_it_was_typed(digits: str, keyboards: list[str], noise: list[str]) -> None:
    assert clean_number(typed(digits, keyboards, noise)) == digits


def test_a_text_too_long_for_any_number_stays_as_it_is() -> None:
    text = "۱" + " " * LONGEST
    assert clean_number(text) == text
    assert clean_number(text[:-1]) == "1"


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_number(clean_number(text)) == clean_number(text)


@given(st.integers(0, 999), typed_keyboards, typed_noise)
def test_a_national_code_is_accepted_in_every_written_form(number: int, keyboards: list[str], noise: list[str]) -> None:
    code = national_code(number)
    assert normalise_national_code(typed(code, keyboards, noise)) == code


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        (" \u200f-", "empty"),
        ("کد ملی", "letters"),
        (f"{CODE[:9]}x", "letters"),
        (f"{CODE[:9]}+", "letters"),
        (CODE[2:], "short"),
        (CODE[1:], "short"),
        ("1234567", "length"),
        (f"{CODE}0", "length"),
        ("0" * 100_000, "length"),
        ("2222222222", "repeated"),
        ("۰۰۰۰۰۰۰۰۰۰", "repeated"),
        ("1230000003", "serial"),
    ],
)
def test_what_is_wrong_with_a_national_code(text: str, problem: str) -> None:
    assert problem_of(text) == problem


@given(st.integers(0, 999), st.integers(1, 9))
def test_only_one_check_digit_fits(number: int, difference: int) -> None:
    code = national_code(number)
    wrong = code[:9] + str((int(code[9]) + difference) % 10)
    assert problem_of(wrong) == "checksum"


# The nine digits weigh 10 to 2 from the left; the check digit follows from the sum modulo 11.
@pytest.mark.parametrize(
    ("remainder", "code"),
    [
        (0, "0019990030"),
        (1, "0019990091"),
        (2, "0019990049"),
        (3, "0019990138"),
        (4, "0019990057"),
        (5, "0019990006"),
        (6, "0019990065"),
        (7, "0019990014"),
        (8, "0019990073"),
        (9, "0019990022"),
        (10, "0019990081"),
    ],
)
def test_the_check_digit_of_every_remainder(remainder: int, code: str) -> None:
    weighed = 8 * 1 + (7 + 6 + 5) * 9 + 4 * int(code[6]) + 3 * int(code[7]) + 2 * int(code[8])  # they begin with 001999
    assert weighed % 11 == remainder
    assert national_code_problem(code) is None
    for other in set("0123456789") - {code[9]}:
        assert national_code_problem(code[:9] + other) == "checksum"


def test_codes_that_begin_with_zeros_are_never_completed() -> None:
    code = national_code(1, office=1)
    assert code.startswith("00")
    assert problem_of(code[1:]) == problem_of(code[2:]) == "short"


@pytest.mark.parametrize("digit", "0123456789")
def test_of_ten_equal_digits_ones_belong_to_somebody(digit: str) -> None:
    code = digit * 10
    if digit == "1":
        assert normalise_national_code("۱۱۱-۱۱۱۱۱۱-۱") == code
        assert fields.national_code(code) == code
        return
    assert problem_of(code) == "repeated"
    with pytest.raises(fields.UnreadableField, match="repeated"):
        fields.national_code(code)


def test_a_repeated_digit_can_be_allowed_for_its_holder(settings: Settings) -> None:
    settings.NATIONAL_CODE_ALLOW_REPEATED = frozenset({"3333333333"})
    assert normalise_national_code("3333333333") == "3333333333"
    assert problem_of("1111111111") == problem_of("2222222222") == "repeated"


def test_every_problem_has_its_own_message() -> None:
    assert len(set(map(str, NATIONAL_CODE_MESSAGES.values()))) == len(NATIONAL_CODE_MESSAGES)
    assert len(set(map(str, MOBILE_MESSAGES.values()))) == len(MOBILE_MESSAGES)
    assert national_code_problem(CODE) is None


@pytest.mark.parametrize(
    "text",
    [
        "09123456789",
        "9123456789",
        "989123456789",
        "+989123456789",
        "00989123456789",
        "+98 912 345 6789",
        "0912-345-6789",
        "(0912) 3456789",
        "0912.345.6789",
        "+9809123456789",
        "+98(0)9123456789",
        "9809123456789",
        "009809123456789",
        "۰۹۱۲۳۴۵۶۷۸۹",
        "٠٩١٢٣٤٥٦٧٨٩",
        "０９１２３４５６７８９",
        "＋９８９１２３４５６７８９",
        "۰٩1２۳۴5٦789",
        "\u200e0912\u00a03456789\u200f",
        "\u202a+98 912 345 6789\u202c",
        " 0912–345—6789 ",
    ],
)
def test_every_written_form_of_a_mobile(text: str) -> None:
    assert normalise_mobile(text) == "+989123456789"


@pytest.mark.parametrize("block", ["090", "091", "092", "093", "099"])
def test_every_block_of_mobiles_is_accepted(block: str) -> None:
    assert normalise_mobile(f"{block}12345678") == f"+98{block[1:]}12345678"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("()-", "empty"),
        ("09123456abc", "letters"),
        ("09123456789x", "letters"),
        ("0912345678۹ داخلی ۳", "letters"),
        ("0912_3456789", "letters"),
        ("09123456789+", "letters"),
        ("++989123456789", "letters"),
        ("0912345678", "form"),
        ("091234567890", "form"),
        ("09412345678", "form"),
        ("02112345678", "form"),
        ("+19123456789", "form"),
        ("+09123456789", "form"),
        ("0009123456789", "form"),
        ("0" * 100_000, "form"),
    ],
)
def test_what_is_wrong_with_a_mobile(text: str, problem: str) -> None:
    assert mobile_problem_of(text) == problem


@given(st.from_regex("09[01239][0-9]{8}", fullmatch=True), typed_keyboards, typed_noise)
def test_a_mobile_survives_the_way_there_and_back(local: str, keyboards: list[str], noise: list[str]) -> None:
    stored = normalise_mobile(typed(local, keyboards, noise))
    assert stored == f"+98{local[1:]}"
    assert local_mobile(stored) == local
    assert normalise_mobile(stored) == stored


def test_a_masked_mobile_keeps_its_ends_only() -> None:
    assert mask_mobile("+989123456789") == "0912***6789"
    assert mask_mobile("09123456789") == "0912***6789"
    assert mask_mobile("+98912") == mask_mobile("") == "***"


def test_a_text_that_is_no_iranian_mobile_stays() -> None:
    assert local_mobile("+4915112345678") == "+4915112345678"
