"""What a clerk types from the documents: the fields of the citizen's own form, with its rules and its words."""

from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from iran.plain_form import PlainForm
from registration.desk.forms import seen_documents
from registration.lifecycle.documents import DOCUMENTS, mark_of
from registration.models import RegistrationRequest
from registration.wizard.forms import IdentityForm


class CorrectForm(PlainForm):
    """Each of IDENTITY_FIELDS, filled with what the request has, and the documents that they are taken from."""

    documents = forms.MultipleChoiceField(
        label=_("Original documents that you have seen"),
        choices=list(DOCUMENTS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Name the documents that you have seen"),
            "invalid_choice": _("Choose the documents from the list"),
        },
    )

    mark = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def __init__(self, row: RegistrationRequest, data: Any = None) -> None:
        names = RegistrationRequest.IDENTITY_FIELDS
        initial = {name: getattr(row, name) for name in names}
        super().__init__(data, initial=initial | {"mark": mark_of(row)})
        self.fields |= {name: deepcopy(IdentityForm.base_fields[name]) for name in names}

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in RegistrationRequest.IDENTITY_FIELDS}

    def words(self) -> str:
        return seen_documents(self.cleaned_data["documents"])
