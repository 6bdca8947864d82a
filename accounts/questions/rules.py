"""Which answers to security questions are refused: short, own data, the question's words, the password, common ones."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from iran.names import normalise_answer

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

SHORTEST = 3

# What people write when they do not want to answer. Compared after normalisation.
COMMON = frozenset(
    normalise_answer(answer)
    for answer in (
        *("تهران", "ایران", "علی", "محمد", "مریم", "زهرا", "فاطمه", "مادر", "پدر", "مامان", "بابا", "خانه", "مدرسه"),
        *("ندارم", "نمی دانم", "نمیدانم", "هیچ", "هیچکدام", "هیچ کدام", "بله", "خیر", "پاسخ", "جواب", "سوال", "تست"),
        *("آبی", "قرمز", "سبز", "سفید", "سیاه", "زرد", "صورتی", "بنفش", "مشکی", "پرسپولیس", "استقلال"),
        *("test", "asdf", "qwer", "qwerty", "none", "iran", "tehran", "ali", "mohammad", "password", "answer"),
        *("123", "1234", "12345", "123456", "111", "1111", "000", "0000"),
    )
)


def answer_problems(
    given: Mapping[int, tuple[str, str]], *, own: Iterable[str], password: str
) -> Iterator[tuple[int, "StrPromise"]]:
    """(number, what is wrong) for each answer that cannot protect an account; `given`: number → (question, answer).

    Compared as they will be at recovery: after normalisation. `own`: names, codes, numbers of the person.
    """
    private = {_compact(value) for value in (*own, password)}
    seen: set[str] = set()
    for number, (question, answer) in given.items():
        text, compact = normalise_answer(answer), _compact(answer)
        if len(compact) < SHORTEST:
            yield number, _("The answer must be 3 characters or longer")
        elif compact in private:
            yield number, _("The answer must not be your name, your numbers or your password")
        elif set(text.split()) <= set(normalise_answer(question).split()):
            yield number, _("The answer must not be made of the words of the question")
        elif text in COMMON or len(set(compact)) == 1:
            yield number, _("This answer is easy to guess; write another one")
        elif compact in seen:
            yield number, _("The answers must differ from one another")
        seen.add(compact)


def _compact(value: str) -> str:
    return normalise_answer(value).replace(" ", "")
