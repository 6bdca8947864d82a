"""The form that all pages of accounts and codes build on."""

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator


class PlainForm(forms.Form):
    """A form without browser validation: our messages are kinder. Labels end without a colon."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        for field in self.fields.values():
            # One message for whatever is not right; Django's own tells a NUL character from all else.
            field.validators = [
                check for check in field.validators if not isinstance(check, ProhibitNullCharactersValidator)
            ]
