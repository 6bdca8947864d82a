"""The form field of an e-mail address. Registration and profile."""

from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from iran.widgets import PlainInput


class EmailField(forms.EmailField):
    """At most 254 characters (RFC 5321), which the server judges: a `maxlength` would cut what is pasted."""

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
            },
            **kwargs,
        )
