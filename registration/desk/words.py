"""What a member of the staff writes in own words: a reason, an explanation, a note. Colleagues read it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise

OTHER = "other"  # of a list of reasons: none of the others


class WordsField(forms.CharField):
    """Cleans to one line. A NUL, which the database does not take, is left out."""

    def to_python(self, value: Any) -> str:
        return " ".join((super().to_python(value) or "").replace("\x00", "").split())


def in_words(reasons: Iterable[tuple[str, str | Promise]], reason: str, details: str) -> str:
    """For the record: the chosen one of the reasons, in the language of the desk, and what was written to it."""
    named = "" if reason == OTHER else str(dict(reasons)[reason])
    return ": ".join(filter(None, [named, details]))
