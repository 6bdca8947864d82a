"""Forms of the four-step registration (docs/guides.md): mandatory fields carry a star, the e-mail may be left out."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from registration.models import RegistrationRequest
from registration.wizard.account_form import AccountForm
from registration.wizard.forms import DraftForm, IdentityForm

KEPT_ANSWER = _("Your answer is saved; write all three anew to change them.")


class EservicesIdentityForm(IdentityForm):
    required_css_class = "required"

    def __init__(self, *args: Any, draft: RegistrationRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class EservicesAccountForm(AccountForm):
    """Three different questions. Answers that the draft holds already, as a hash, need not be typed again."""

    QUESTIONS = 3
    required_css_class = "required"

    def __init__(self, *args: Any, draft: RegistrationRequest, **kwargs: Any) -> None:
        super().__init__(*args, draft=draft, **kwargs)
        self.fields["email"].required = False
        if draft.answers_hash:
            for number in range(1, self.QUESTIONS + 1):
                self.fields[f"answer_{number}"].required = False
                self.fields[f"answer_{number}"].help_text = KEPT_ANSWER

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        self._require_answers(answers)
        return answers

    def _require_answers(self, answers: dict[str, Any]) -> None:
        """Saved answers stay only with the questions they were given to, and only all together: they are one hash."""
        numbers = range(1, self.QUESTIONS + 1)
        chosen = [getattr(answers.get(f"question_{number}"), "pk", None) for number in numbers]
        same = chosen == [getattr(self.draft, f"question_{number}_id") for number in numbers]
        given = [number for number in numbers if answers.get(f"answer_{number}")]
        if same and not given and self.draft.answers_hash:
            return
        for number in numbers:
            name = f"answer_{number}"
            if number not in given and name not in self.errors:
                self.add_error(name, self.fields[name].error_messages["required"])


class ReviewForm(DraftForm):
    """Nothing to type: the page shows everything, its button sends the request."""

    def __init__(self, *args: Any, draft: RegistrationRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
