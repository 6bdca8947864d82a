"""What a clerk types from the documents: the fields of the citizen's own form, with its rules and its words."""

from copy import deepcopy
from typing import Any

from django import forms

from iran.plain_form import PlainForm
from registration.desk.forms import documents_field, seen_documents
from registration.lifecycle.documents import mark_of
from registration.models import RegistrationRequest
from registration.wizard.forms import IdentityForm


def identity_fields() -> dict[str, forms.Field]:
    """Those of IDENTITY_FIELDS, as citizens fill them in."""
    return {name: deepcopy(IdentityForm.base_fields[name]) for name in RegistrationRequest.IDENTITY_FIELDS}


class CorrectForm(PlainForm):
    """Each of IDENTITY_FIELDS, filled with what the request has, and the documents that they are taken from."""

    documents = documents_field()
    mark = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def __init__(self, row: RegistrationRequest, data: Any = None) -> None:
        initial = {name: getattr(row, name) for name in RegistrationRequest.IDENTITY_FIELDS}
        super().__init__(data, initial=initial | {"mark": mark_of(row)})
        self.fields |= identity_fields()

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in RegistrationRequest.IDENTITY_FIELDS}

    def words(self) -> str:
        return seen_documents(self.cleaned_data["documents"])
