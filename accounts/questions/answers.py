"""The answers to an account's security questions: one hash over all of them, because they are judged together."""

from collections.abc import Sequence

from django.contrib.auth.hashers import check_password, make_password
from django.views.decorators.debug import sensitive_variables

from iran.names import normalise_answer

_SEPARATOR = "\x1f"


@sensitive_variables()
def hash_answers(answers: Sequence[str]) -> str:
    """One hash over the answers, in the order of their questions."""
    return make_password(_canonical(answers))


@sensitive_variables()
def answers_match(answers: Sequence[str], hashed: str) -> bool:
    """Are all answers right? Which one is wrong is not known to anybody. Costs one hash, whatever the outcome."""
    return check_password(_canonical(answers), hashed)


def _canonical(answers: Sequence[str]) -> str:
    """Letters, digits and capitals as `normalise_answer` makes them one, and no spaces: pages promise so."""
    return _SEPARATOR.join(normalise_answer(answer).replace(" ", "") for answer in answers)
