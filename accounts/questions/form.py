"""Security questions in a form: their fields, and the rules for all of them together. Registration and profile."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator, RegexValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from accounts.models import Person, SecurityQuestion
from accounts.questions.offered import QuestionField
from accounts.questions.rules import answer_problems
from iran import jalali
from iran.fields import ShortField
from iran.numbers import local_mobile
from iran.widgets import PlainInput

QUESTIONS = 3  # where all of them are chosen anew, as in the four-step registration (docs/guides.md)
ORDINALS = {1: _("first"), 2: _("second"), 3: _("third")}
UNREADABLE = _("The answer holds a sign that could not be read; write it again")


def add_fields(form: forms.Form, questions: int) -> None:
    """`question_1`, `answer_1` and so on; numbered in their labels when there are several."""
    for number in range(1, questions + 1):
        ordinal = ORDINALS[number] if questions > 1 else ""
        form.fields[f"question_{number}"] = _question_field(ordinal)
        form.fields[f"answer_{number}"] = _answer_field(ordinal)


@sensitive_variables()
def check(form: forms.Form, answers: Mapping[str, Any], questions: int, person: Any, password: str) -> None:
    """Add the errors of the questions to a form that is being cleaned. For what is in `answers` that counts, else what
    `person` has (accounts.models.User or whatever has the same fields). Empty answers are left to their fields.
    """
    numbers = [number for number in range(1, questions + 1) if answers.get(f"answer_{number}")]
    given = {number: (str(answers.get(f"question_{number}", "")), answers[f"answer_{number}"]) for number in numbers}
    for number, problem in answer_problems(given, own=_own_data(answers, person), password=password):
        form.add_error(f"answer_{number}", _numbered(problem, ORDINALS[number] if questions > 1 else ""))
    seen: set[SecurityQuestion] = set()
    for number in range(1, questions + 1):
        question = answers.get(f"question_{number}")
        if question in seen:
            again = _("Choose a question that you have not chosen above")
            form.add_error(f"question_{number}", _numbered(again, ORDINALS[number]))
        elif question:
            seen.add(question)


def _own_data(answers: Mapping[str, Any], person: Any) -> Iterator[str]:
    """What anybody who knows the person, or has the documents in hand, could answer."""
    yield from (person.national_code, person.mobile, local_mobile(person.mobile) if person.mobile else "")
    names = (*Person.IDENTITY_FIELDS, "email", "city")
    known = {name: answers.get(name) or getattr(person, name) for name in names}
    yield from (str(value) for value in known.values() if value)
    yield f"{known['first_name']}{known['last_name']}"
    born = known["birth_date"]
    if born:
        year, month, day = jalali.from_gregorian(born)
        yield from (str(year), f"{year}/{month}/{day}", f"{year}/{month:02}/{day:02}")


def _question_field(ordinal: Any) -> QuestionField:
    return QuestionField(
        label=_numbered(_("Security question"), ordinal),
        empty_label=_("Choose"),
        error_messages={
            "required": _numbered(_("Choose the security question"), ordinal),
            "invalid_choice": _numbered(_("Choose the security question from the list"), ordinal),
        },
    )


def _answer_field(ordinal: Any) -> forms.CharField:
    return ShortField(
        label=_numbered(_("Answer"), ordinal),
        validators=[
            MaxLengthValidator(100),
            RegexValidator("\ufffd", _numbered(UNREADABLE, ordinal), inverse_match=True),
        ],
        help_text=_(
            "3 characters or more, not easy to guess; not your name, your numbers or your password. Capital letters and"
            " spaces do not matter."
        ),
        widget=PlainInput(direction="auto"),
        error_messages={
            "required": _numbered(_("Enter the answer"), ordinal),
            "max_length": _numbered(_("The answer must be 100 characters or fewer"), ordinal),
        },
    )


def _numbered(text: Any, ordinal: Any) -> Any:
    """The text, with which of several questions it is about."""
    return format_lazy("{} ({})", text, ordinal) if ordinal else text
