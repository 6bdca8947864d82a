"""What a clerk fills in before an errand for an account: the reason, and the documents that were seen."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from iran.fields import MobileField
from iran.plain_form import PlainForm
from registration.desk.forms import LONGEST, seen_documents
from registration.desk.words import OTHER, WordsField, in_words
from registration.lifecycle.documents import DOCUMENTS

Reasons = Sequence[tuple[str, str | Promise]]


class ErrandForm(PlainForm):
    """A reason from `reasons`, to which "another one" is added, and an explanation; `documents` if they are asked."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose why this is done")),
    )
    details = WordsField(
        label=_("Explanation"),
        help_text=_("Your colleagues read it, the owner of the account does not. At most 200 characters."),
        required=False,
        max_length=LONGEST,
        error_messages={"max_length": _("The explanation must be 200 characters or less")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    documents = forms.MultipleChoiceField(
        label=_("Original documents that you have seen"),
        choices=list(DOCUMENTS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Name the documents that you have seen"),
            "invalid_choice": _("Choose the documents from the list"),
        },
    )
    # What the account's protection was on the page that was read: who was slower is told so.
    version = forms.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _("Read the page anew")),
    )

    def __init__(self, user: User, reasons: Reasons, data: Any = None, *, documents: bool = False) -> None:
        super().__init__(data, initial={"version": user.security_version})
        self.user, self.reasons = user, [*reasons, (OTHER, _("Another reason"))]
        self.fields["reason"].choices = self.reasons  # type: ignore[attr-defined]
        if not documents:
            del self.fields["documents"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") == OTHER and not cleaned.get("details") and "details" not in self.errors:
            self.add_error("details", _("Write the reason"))
        return cleaned

    def words(self) -> str:
        """The reason and the documents for the record, in the language of the desk."""
        cleaned = self.cleaned_data
        reason = in_words(self.reasons, cleaned["reason"], cleaned["details"])
        seen = seen_documents(cleaned["documents"]) if "documents" in cleaned else ""
        return gettext("; ").join(filter(None, [reason, seen]))


class NewMobileForm(ErrandForm):
    """Which number the account is to have; its SIM is with the citizen, who reads the code out."""

    mobile = MobileField(label=_("New mobile phone number"))
    field_order = ["mobile"]

    def clean_mobile(self) -> str:
        mobile: str = self.cleaned_data["mobile"]
        if mobile == self.user.mobile:
            raise forms.ValidationError(_("This is the present number of the account"), code="same")
        return mobile
