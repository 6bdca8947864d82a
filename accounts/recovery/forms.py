"""What the pages of the recovery ask. For the code see sms/otp/form.py, for the password accounts/passwords/form.py."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from accounts.models import RecoveryRun, SecurityQuestion, User
from accounts.passwords.form import NewPasswordForm
from accounts.questions import form as question_form
from accounts.recovery import flow as recovery
from accounts.templatetags.portal import fa
from infra.limits import LimitReached
from iran import waits
from iran.fields import NationalCodeField, ShortField
from iran.plain_form import PlainForm
from iran.widgets import PlainInput


class RecoverForm(PlainForm):
    national_code = NationalCodeField()


class AnswersForm(PlainForm):
    """All questions of the account on one page, compared together. Cleaning has an effect: a set spends a try.

    `verdict`: what became of the answers, None if they were not compared. A limit is an error (iran.waits).
    """

    def __init__(
        self, *args: Any, run: RecoveryRun, user: User, questions: Sequence[SecurityQuestion], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.run, self.user = run, user
        self.verdict: recovery.Verdict | None = None
        for number, question in enumerate(questions, 1):
            self.fields[f"answer_{number}"] = field = _answer_field(question)
            field.validators = [MaxLengthValidator(100)]

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if self.errors:
            return answers
        try:
            self.verdict = recovery.judge_answers(self.run, self.user, [answers[name] for name in self.fields])
        except LimitReached as limit:
            self.add_error(None, waits.refusal(limit))
        if self.verdict is recovery.Verdict.WRONG:
            left = recovery.tries_left(self.run)
            text = ngettext(
                "The answers are not the same as the ones on record; you can try %(tries)s more time",
                "The answers are not the same as the ones on record; you can try %(tries)s more times",
                left,
            )
            self.add_error(None, forms.ValidationError(text, code="wrong", params={"tries": fa(left)}))
        return answers


class AnewForm(NewPasswordForm):
    """A new password and three new questions, of somebody whom a branch lets in without answers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        question_form.add_fields(self, question_form.QUESTIONS)

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        question_form.check(self, answers, question_form.QUESTIONS, self.user, answers.get("password1", ""))
        return answers

    def chosen(self) -> list[SecurityQuestion]:
        return [self.cleaned_data[f"question_{number}"] for number in range(1, question_form.QUESTIONS + 1)]

    def answers(self) -> list[str]:
        return [self.cleaned_data[f"answer_{number}"] for number in range(1, question_form.QUESTIONS + 1)]


def _answer_field(question: SecurityQuestion) -> forms.CharField:
    return ShortField(
        label=question.text,
        widget=PlainInput(direction="auto"),
        error_messages={
            "required": _about(_("Enter the answer to “{question}”"), question.text),
            # Its parameters are filled in with the percent sign.
            "max_length": _about(
                _("The answer to “{question}” must be 100 characters or fewer"), question.text.replace("%", "%%")
            ),
        },
    )


def _about(text: Any, question: str) -> Any:
    """Errors stand together above the form, too, where it must be plain which answer each is about."""
    return format_lazy(text, question=question)
