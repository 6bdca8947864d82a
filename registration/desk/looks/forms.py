"""What narrows the list of looks: a person, a clerk, a day."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from iran import jalali
from iran.date_field import tehran_today
from iran.plain_form import PlainForm
from registration.desk import search as desk_search
from registration.desk import staff_scope
from registration.desk.looks.lines import ALL, IDLE, LOOKS, SEARCHES
from registration.desk.words import WordsField

LONGEST = desk_search.LONGEST
TOO_LONG = {"max_length": _("At most 100 characters")}
WHATS = [
    (LOOKS, _("Looks and searches")),
    (IDLE, _("Looks after which nothing was done")),
    (SEARCHES, _("Searches")),
    (ALL, _("Everything")),
]
DAY = _("Write the day in the Solar Hijri calendar, for example 1405/9/10")


def day_of(text: str) -> dt.date:
    """Raises jalali.JalaliError for what is no day until today."""
    parts = jalali.split(text[:LONGEST])
    if parts is None:
        raise jalali.JalaliError("form")
    day, month, year = parts
    return jalali.read(year, month, day, today=tehran_today())


class LooksForm(PlainForm):
    """`viewer`: who asks; only members whom they see can be named. `clerk` cleans to a User, `day` to a date."""

    person = WordsField(
        label=_("Whom they looked at"),
        help_text=_("National code, mobile or tracking code in full, in any digits"),
        required=False,
        max_length=LONGEST,
        error_messages=TOO_LONG,
    )
    clerk = WordsField(
        label=_("Who looked"),
        help_text=_("National code of the clerk, or the beginning of the last name"),
        required=False,
        max_length=LONGEST,
        error_messages=TOO_LONG,
    )
    day = WordsField(
        label=_("Day"),
        help_text=_("For example 1405/9/10; empty for all days of a person or clerk"),
        required=False,
        max_length=LONGEST,
        error_messages=TOO_LONG,
    )
    what = forms.ChoiceField(
        label=_("What"), choices=WHATS, error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose one"))
    )

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer

    def clean_person(self) -> str:
        typed: str = self.cleaned_data["person"]
        if typed and desk_search.by_number(typed) is None:
            raise ValidationError(_("Names are not looked for here; enter a number in full"))
        return typed

    def clean_clerk(self) -> User | None:
        typed: str = self.cleaned_data["clerk"]
        if not typed:
            return None
        found = list(staff_scope.found(staff_scope.visible(self.viewer), typed)[:2])
        if len(found) > 1:
            raise ValidationError(_("Several members are called so; enter the national code"))
        if not found:
            raise ValidationError(_("No such member is in your reach"))
        return found[0]

    def clean_day(self) -> dt.date | None:
        typed: str = self.cleaned_data["day"]
        try:
            return day_of(typed) if typed else None
        except jalali.JalaliError:
            raise ValidationError(DAY) from None
