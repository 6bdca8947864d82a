"""Which answers to security questions are refused, and why. The number of a problem is that of its answer."""

import pytest

from accounts.questions.rules import COMMON, answer_problems
from tests.registration.wizard.walking import persian

QUESTION = "نام نخستین مدرسه‌ای که به یاد دارید چیست؟"
OWN = ("نرگس", "بهرامی", "0019994010", "+989970000401", "09970000401", "narges@example.com", "نرگسبهرامی", "زهرا سادات")
PASSWORD = "Zangule21"
SHORT = "The answer must be 3 characters or longer"
PRIVATE = "The answer must not be your name, your numbers or your password"
WORDS = "The answer must not be made of the words of the question"
EASY = "This answer is easy to guess; write another one"
SAME = "The answers must differ from one another"


def problems(*answers: str, question: str = QUESTION) -> list[tuple[int, str]]:
    given = {number: (question, answer) for number, answer in enumerate(answers, 1)}
    return [(number, str(problem)) for number, problem in answer_problems(given, own=OWN, password=PASSWORD)]


@pytest.mark.parametrize("answer", ["فردوسی", "خانم نیکو", "Mr. Niku", "دبستان ۱۷ شهریور", "ص۱۲", "کوچه‌ی ما"])
def test_a_good_answer_has_no_problem(answer: str) -> None:
    assert problems(answer) == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        *[(answer, SHORT) for answer in ("ab", "  a b ", "...", "۱۲", "آ\u200cب", "!؟،.", "َُِ")],
        *[(answer, PRIVATE) for answer in ("نرگس", "نَرگِس", " بهرامي ", "نرگس بهرامی", "نرگس‌بهرامی", "۰۰۱۹۹۹۴۰۱۰")],
        *[(answer, PRIVATE) for answer in ("زهرا سادات", "زهراسادات", "زهرا\u200cسادات")],
        *[(answer, PRIVATE) for answer in ("0997 000 0401", "+98-997-0000401", "NARGES@example.com", "zangule21")],
        *[(answer, WORDS) for answer in ("مدرسه‌ای", "نام نخستین", "نخستين", "چیست؟", QUESTION)],
        *[
            (answer, EASY)
            for answer in ("تهران", "نمی‌دانم", "نمي دانم", "1234", "۱۲۳۴", "aaaa", "ممممم", "IRAN", "آبی")
        ],
    ],
)
def test_what_cannot_protect_an_account_is_refused(answer: str, why: str) -> None:
    assert problems(answer) == [(1, persian(why))]


def test_equal_answers_are_told_apart_from_the_first() -> None:
    assert problems("فردوسی", "فردوسي", "سعدی") == [(2, persian(SAME))]
    assert problems("فردوسی", "سعدی", "فردو سی") == [(3, persian(SAME))]


def test_each_answer_is_judged_by_itself() -> None:
    assert [number for number, _ in problems("تهران", "سعدیه", "ab")] == [1, 3]


def test_common_answers_are_compared_as_they_are_kept() -> None:
    assert "نمی دانم" in COMMON or "نمیدانم" in COMMON
    assert all(answer == answer.casefold() for answer in COMMON)
