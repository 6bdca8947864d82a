"""The security questions that are offered, and the field that asks for one."""

from typing import TYPE_CHECKING, Any

from django import forms

from accounts.models import SecurityQuestion
from infra.kept import Kept

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


def _read() -> dict[str, SecurityQuestion]:
    return {str(question.pk): question for question in SecurityQuestion.objects.filter(is_offered=True)}


offered = Kept(_read)  # questions are withdrawn, never deleted (registration.desk.lists)


class QuestionField(forms.ChoiceField):
    """Cleaned to the SecurityQuestion; None when nothing is chosen, where that is allowed. Initial: its id."""

    def __init__(self, *, empty_label: "str | StrPromise", **kwargs: Any) -> None:
        def choices() -> list[tuple[str, Any]]:
            return [("", empty_label), *((pk, question.text) for pk, question in offered().items())]

        super().__init__(choices=choices, **kwargs)

    def to_python(self, value: Any) -> SecurityQuestion | None:
        if value in self.empty_values:
            return None
        chosen = offered().get(str(value))
        if chosen is None:
            params = {"value": value}
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice", params=params)
        return chosen

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)
