import gzip
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.passwords import common as common_passwords
from accounts.passwords import rules as password_rules
from devtools.build_common_passwords import build, useful
from tests.people import national_code

CODE = national_code(42)
LENGTH = "The password must be 8 characters or more"
LONG = "The password must be 128 characters or fewer"
START = "The password must begin with a Latin letter"
UPPER = "The password must have at least one capital Latin letter"
LOWER = "The password must have at least one small Latin letter"
DIGIT = "The password must have at least one digit"
PERSIAN = "Write the password with the English keyboard"
SPACE = "The password must not contain a space"
INVISIBLE = "The password must not contain invisible characters"
PERSONAL = "The password must not contain your first name, last name or national code"
COMMON = "This password is very common; choose another one"


def charset(characters: str) -> str:
    signs = "\u2066!\u00a0%\u00a0$\u00a0#\u00a0&\u2069"
    return f"The password must not contain “{characters}”; only Latin letters, digits and {signs} are accepted"


def problems(password: str, first_name: str = "علیرضا", last_name: str = "محمدی", code: str = CODE) -> list[str]:
    with translation.override("en"):
        found = password_rules.problems(password, first_name=first_name, last_name=last_name, national_code=code)
        return [str(problem) for problem in found]


@pytest.mark.parametrize("password", ["Derakht7Sabz", "kQ7!%$#&", "Bx" + "7" * 126, "Zxcvbnm!9Q", "Pass7wordpq!"])
def test_passwords_that_keep_all_rules(password: str) -> None:
    assert problems(password) == []


@pytest.mark.parametrize(
    ("password", "broken"),
    [
        ("", [LENGTH, START, UPPER, LOWER, DIGIT]),
        ("Qz7kx!p", [LENGTH]),
        ("7Qzkx!pm", [START]),
        ("!Qzkx7pm", [START]),
        ("qz7kx!pm", [UPPER]),
        ("QZ7KX!PM", [LOWER]),
        ("Qzakx!pm", [DIGIT]),
        ("Qz7kx@pm", [charset("@")]),
        ("Qz7kx@p@*^m", [charset("@ * ^")]),
        ("Qz7kx'\"<>\\/m", [charset("' \" < > \\")]),
        ("Qz7k{0}{x}", [charset("{ }")]),
        ("Qz7 kxpm", [SPACE]),
        (" Qz7kxpm", [START, SPACE]),
        ("Qz7kxpm ", [SPACE]),
        ("Qz7kx pm@", [SPACE, charset("@")]),
        ("Qz7\tkxpm", [SPACE]),
        ("Qz7kxpm\x00", [INVISIBLE]),
        ("Qz7kxpm\u200f", [INVISIBLE]),
        ("Qzéüpm7x", [charset("é ü")]),
        ("Qz7kxسلام", [PERSIAN]),
        ("Qzkxpm۷۷", [DIGIT, PERSIAN]),
        ("گذرواژه", [LENGTH, START, UPPER, LOWER, DIGIT, PERSIAN]),
        ("7", [LENGTH, START, UPPER, LOWER]),
        ("Bx" + "7" * 127, [LONG]),
        ("Bx" + "7" * 127 + "س", [LONG]),  # nobody looks so far
        ("Bx" + "7" * 126 + "س", [LONG, PERSIAN]),
        ("Mohammadi1!" + "7" * 117, [PERSONAL]),
        ("9" * 100_000, [LONG, START, UPPER, LOWER]),
        ("Mohammadi1!", [PERSONAL]),
        ("mhmdY12!", [PERSONAL]),
        ("Alireza99", [PERSONAL]),
        (f"Qz{CODE}", [PERSONAL]),
        (f"Qzx{CODE.lstrip('0')}", [PERSONAL]),
        ("Password1", [COMMON]),
        ("pASSWORD1", [COMMON]),
        ("Trustno1", [COMMON]),
        ("Tehran1402", [COMMON]),
        ("mohammadi", [UPPER, DIGIT, PERSONAL]),
    ],
)
def test_one_message_for_each_broken_rule_and_all_at_once(password: str, broken: list[str]) -> None:
    assert problems(password) == broken


@pytest.mark.parametrize("sign", ["\u0600", "\u06ff", "\ufb50", "\ufefc", "\u200c"])
def test_every_sign_of_the_persian_keyboard_calls_for_the_english_one(sign: str) -> None:
    assert problems(f"Qz7kxpm{sign}") == [PERSIAN]


@pytest.mark.parametrize("sign", ["\u05d0", "\u0700", "\ufb4f", "\uff01"])
def test_signs_of_other_scripts_are_quoted(sign: str) -> None:
    assert problems(f"Qz7kxpm{sign}") == [charset(sign)]


def test_what_is_personal_depends_on_the_person() -> None:
    assert problems("Mohammadi1!", first_name="سارا", last_name="نوری") == []
    assert problems("mhmdY12!", first_name="سارا", last_name="نوری") == []
    assert problems(f"Qz{CODE}", code=national_code(43)) == []
    assert problems("Derakht7Sabz", first_name="", last_name="", code="") == []


def test_a_part_of_the_national_code_is_not_the_code() -> None:
    assert problems(f"Qz{CODE[:9]}x") == []


def test_the_message_quotes_at_most_five_characters() -> None:
    assert problems("Qz7kxpm@^*()[]") == [charset("@ ^ * ( )")]


@given(st.text(max_size=140))
def test_whatever_is_typed_gets_its_messages(password: str) -> None:
    found = problems(password)
    assert len(set(found)) == len(found)
    if not found:
        assert 8 <= len(password) <= 128
        assert password.isascii()


@given(st.from_regex("[A-Z][a-z][0-9][A-Za-z0-9!%$#&]{5,125}", fullmatch=True))
def test_only_what_is_personal_or_common_can_be_wrong_with_allowed_characters(password: str) -> None:
    assert set(problems(password)) <= {PERSONAL, COMMON}


def test_the_checklist_names_every_rule_once_before_typing() -> None:
    assert [key for key, _text in password_rules.RULES] == [
        "length",
        "start",
        "upper",
        "lower",
        "digit",
        "charset",
        "personal",
    ]
    assert len({str(text) for _key, text in password_rules.RULES}) == len(password_rules.RULES)


@pytest.mark.parametrize(
    "password",
    [
        "Iran1234",
        "IRAN1234!",
        "Persepolis6",
        "Esteghlal1400",
        "Salam123",
        "Azizam$1402",
        "Khoda#110",
        "Shiraz5555",
    ],
)
def test_persian_words_with_the_usual_digits_are_common(password: str) -> None:
    assert common_passwords.is_common(password)


@pytest.mark.parametrize(
    "password", ["Tehran83921x", "Irankhodro7Kaveh", "Esteghlal7x2!Rood", "Password1\n", "\nPassword1"]
)
def test_other_passwords_are_not_common(password: str) -> None:
    assert not common_passwords.is_common(password)


def test_the_list_holds_only_what_the_other_rules_let_through() -> None:
    lines = common_passwords._known().decode("ascii").strip().split("\n")
    assert len(lines) > 200_000
    assert useful(lines) == lines
    # The search by halves needs it.
    assert common_passwords._known() == "".join(f"{line}\n" for line in sorted(lines)).encode()
    known = set(lines)
    inside = next(line[1:-1] for line in lines if len(line) > 12 and line[1:-1] not in known)
    assert not common_passwords.is_common(inside)
    size = (Path(common_passwords.__file__).parents[1] / "data" / "common-passwords.txt.gz").stat().st_size
    assert size < 1.5 * 2**20


def test_every_line_of_the_list_is_found_and_nothing_beside_it() -> None:
    lines = common_passwords._known().decode("ascii").split()
    known, some = set(lines), [*lines[:50], *lines[::97], *lines[-50:]]
    near = {
        text for line in some for text in (line[:-1], f"{line}\0", f"{line}~", f" {line}", f"{line}\n{line}")
    } - known
    near |= {"", "\n", "0", "~", "ÿ", "\U0010ffff"}

    assert all(common_passwords._is_known(line.encode()) for line in some)
    assert not any(common_passwords._is_known(text.encode()) for text in near)


def test_the_list_can_be_built_again_byte_for_byte(tmp_path: Path) -> None:
    source = tmp_path / "list.txt"
    source.write_text(
        "Abcdefg1\nabcdefg1\nshort1\n1abcdefgh\nabcdefgh\na1234567\nab cdefg1\nzuletzt99\n", encoding="utf-8"
    )
    first, second = tmp_path / "1.gz", tmp_path / "2.gz"
    assert build(source, first) == build(source, second) > 2
    assert first.read_bytes() == second.read_bytes()
    lines = gzip.decompress(first.read_bytes()).decode().split()
    assert {"abcdefg1", "zuletzt99", "password1"} <= set(lines)
    assert not {"short1", "1abcdefgh", "abcdefgh", "a1234567", "ab cdefg1"} & set(lines)
