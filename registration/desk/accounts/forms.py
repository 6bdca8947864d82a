"""What a clerk fills in before an errand for an account: the reason, and the documents that were seen."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import IdentityChange, User
from iran.fields import MobileField
from registration.desk.correct_form import identity_fields
from registration.desk.forms import Reasons, WhyForm, documents_field, seen_documents


class ErrandForm(WhyForm):
    """A reason from `reasons`, or another one, and an explanation; `documents` if they are asked."""

    CHOOSE = _("Choose why this is done")

    documents = documents_field()
    # What the account's protection was on the page that was read: who was slower is told so.
    version = forms.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _("Read the page anew")),
    )

    def __init__(self, user: User, reasons: Reasons, data: Any = None, *, documents: bool = False) -> None:
        super().__init__(data, initial={"version": user.security_version}, reasons=reasons)
        self.user = user
        if not documents:
            del self.fields["documents"]

    def words(self) -> str:
        """The reason and the documents for the record, in the language of the desk."""
        cleaned = self.cleaned_data
        seen = seen_documents(cleaned["documents"]) if "documents" in cleaned else ""
        return gettext("; ").join(filter(None, [self.text(), seen]))


class NewMobileForm(ErrandForm):
    """Which number the account is to have; its SIM is with the citizen, who reads the code out."""

    mobile = MobileField(label=_("New mobile phone number"))
    field_order = ["mobile"]

    def clean_mobile(self) -> str:
        mobile: str = self.cleaned_data["mobile"]
        if mobile == self.user.mobile:
            raise forms.ValidationError(_("This is the present number of the account"), code="same")
        return mobile


class ReachAccountForm(WhyForm):
    """Why an account of another province is opened."""

    REASONS = (
        ("here", _("The owner is here with the documents")),
        ("called", _("The owner is on the telephone")),
        ("colleague", _("A colleague of the other branch asked for it")),
    )
    NEEDED = _("Write the reason for opening the account")
    CHOOSE = _("Choose the reason for opening the account")


class IdentityChangeForm(ErrandForm):
    """Each of IDENTITY_FIELDS by the citizens' rules, filled with what the account has; why, and by which documents."""

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(user, LEGAL, data, documents=True)
        self.initial.update({name: getattr(user, name) for name in User.IDENTITY_FIELDS})
        self.fields = {**identity_fields(), **self.fields}

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in User.IDENTITY_FIELDS}


LEGAL: Reasons = [
    ("name", _("The civil registration office changed the name")),
    ("court", _("A court ruled so")),
    ("certificate", _("A new birth certificate was issued")),
    ("mistake", _("It was mistyped when the account was made")),
]


AGREED: Reasons = [("agree", _("The documents have exactly what was entered"))]
REFUSED: Reasons = [
    ("documents", _("The documents do not have what was entered")),
    ("identity", _("The person who came is not the owner")),
    ("mistyped", _("It was mistyped; it is entered anew")),
]


class DecideForm(ErrandForm):
    """Why a change of the identity is confirmed, or refused; `change` is the one that was on the page."""

    change_id = forms.IntegerField(
        min_value=0,
        max_value=2**63 - 1,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), _("Read the page anew")),
    )

    def __init__(
        self, user: User, change: IdentityChange, reasons: Reasons, data: Any, *, documents: bool = False
    ) -> None:
        super().__init__(user, reasons, data, documents=documents)
        self.change = change
        self.initial["change_id"] = change.pk
