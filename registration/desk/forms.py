"""What a clerk fills in to refuse a request."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

OTHER = "other"
REASONS = [
    ("documents", _("The documents do not agree with the request")),
    ("identity", _("The person who came is not the applicant")),
    ("incomplete", _("The documents were not complete")),
    ("mobile", _("The mobile number is not the applicant’s own")),
    (OTHER, _("Another reason")),
]
LONGEST = 200


class RejectForm(forms.Form):
    """A reason from the list, a text, or both. The text is kept for colleagues; citizens do not receive it."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the reason"), "invalid_choice": _("Choose a reason from the list")},
    )
    details = forms.CharField(
        label=_("Explanation"),
        help_text=_("Your colleagues read it, the citizen does not. At most 200 characters."),
        required=False,
        max_length=LONGEST,
        error_messages={"max_length": _("The explanation must be 200 characters or less")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") == OTHER and not cleaned.get("details") and "details" not in self.errors:
            self.add_error("details", _("Write the reason of the refusal"))
        return cleaned

    def text(self) -> str:
        """The reason for the record, in the language of the desk; at most 300 characters."""
        reason, details = self.cleaned_data["reason"], " ".join(self.cleaned_data["details"].split())
        return details if reason == OTHER else ": ".join(filter(None, [str(dict(REASONS)[reason]), details]))
