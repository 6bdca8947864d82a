"""The form field of an e-mail address. Registration and profile."""

import re
from typing import Any

import idna
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from iran.fields import ShortField
from iran.numbers import INVISIBLE
from iran.widgets import PlainInput


class EmailField(ShortField, forms.EmailField):
    """At most 254 characters (RFC 5321), which the server judges: a `maxlength` would cut what is pasted.

    No sign that nobody sees, and no domain that programs read in two ways: a letter to the address would go elsewhere
    than its owner reads. Domains may be Persian.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("E-mail"))
        super().__init__(
            max_length=None,
            validators=[MaxLengthValidator(254)],
            widget=PlainInput(autocomplete="email", inputmode="email", autocapitalize="none"),
            error_messages={
                "required": _("Enter your e-mail"),
                "invalid": _("The e-mail must look like name@example.com"),
                "max_length": _("The e-mail is too long"),
                "unseen": _("There is an invisible sign in the e-mail; type it anew instead of pasting it"),
            },
            **kwargs,
        )

    def run_validators(self, value: str) -> None:
        if re.search(f"[{INVISIBLE}\x00-\x1f\x7f-\x9f]", value):
            raise forms.ValidationError(self.error_messages["unseen"], code="unseen")
        super().run_validators(value)
        name, _at, domain = value.rpartition("@")
        if value and not (re.fullmatch("[!-~]+", name) and _is_one_host(domain.lower())):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")


def _is_one_host(domain: str) -> bool:
    """Whether IDNA 2003 (Python's own, by which mail is sent) and IDNA 2008 (RFC 5891, by which domains are registered)
    take the name for the same host. The latter knows no signs that are not seen."""
    try:
        return idna.encode(domain) == domain.encode("idna")
    except UnicodeError:  # idna's errors are of this kind
        return False
