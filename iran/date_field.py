"""A Solar Hijri day in three inputs, and what is said of one that cannot be."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from iran import jalali
from iran.numbers import clean_number
from iran.typed import is_too_long
from iran.waits import is_latin_page, prose_digits
from iran.widgets import JalaliDateWidget


def tehran_today() -> dt.date:
    """The present day in Tehran."""
    return timezone.now().astimezone(jalali.TEHRAN).date()


class JalaliDateField(forms.Field):
    """A Solar Hijri day in three inputs (`…_day`, `…_month`, `…_year`), cleaned to a Gregorian `datetime.date`.

    One message at a time: missing parts first, then what cannot be, then the rest. The error's code names the part
    (`missing_day_month`, `year_length`, `month`, `impossible`, `future` …), see `jalali.JalaliError`.
    """

    widget = JalaliDateWidget
    default_error_messages = {
        "required": _("Enter the date of birth"),
        "missing_day": _("The date of birth must have a day"),
        "missing_month": _("The date of birth must have a month"),
        "missing_year": _("The date of birth must have a year"),
        "missing_day_month": _("The date of birth must have a day and a month"),
        "missing_day_year": _("The date of birth must have a day and a year"),
        "missing_month_year": _("The date of birth must have a month and a year"),
        "year_length": _("The year of birth must be 4 digits"),
        "gregorian": _("Enter the date of birth in the Solar Hijri calendar"),
        "converted": _(
            "The date was written in the Gregorian calendar. In the Solar Hijri calendar it is %(date)s, as the boxes"
            " say now; check it and continue"
        ),
        "early": _("The year of birth must be 1280 or later"),
        "month": _("The month of birth must be between 1 and 12"),
        "day": _("The day of birth must be between 1 and 31"),
        "impossible": _("There is no such day in the Solar Hijri calendar"),
        "days": _("%(month)s %(year)s has %(days)s days"),
        "future": _("The date of birth must be in the past"),
    }

    def __init__(self, *, today: Callable[[], dt.date] = tehran_today, **kwargs: Any) -> None:
        self.today = today
        kwargs.setdefault("label", _("Date of birth"))
        hint = _("In the Solar Hijri calendar, for example 27 3 1365; the month may be written by its name")
        kwargs.setdefault("help_text", hint)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> dt.date | None:
        if value is None or isinstance(value, dt.date):
            return value
        day, month, year = _clean(value)
        missing = [name for name, part in (("day", day), ("month", month), ("year", year)) if not part]
        if len(missing) == 3:
            return None
        if missing:
            code = "_".join(["missing", *missing])
            raise ValidationError(self.error_messages[code], code=code)
        try:
            return jalali.read(year, month, day, today=self.today())
        except jalali.JalaliError as error:
            raise self._explained(error, day, month, year) from None

    def _explained(self, error: jalali.JalaliError, day: str, month: str, year: str) -> ValidationError:
        date = jalali.from_gregorian_parts(year, month, day, today=self.today())
        if error.code == "gregorian" and date:
            shown = jalali.format_date(date, latin=is_latin_page())
            return ValidationError(self.error_messages["converted"], code=error.code, params={"date": shown})
        if error.days:
            name = self.widget.month_names()[jalali.month_number(month) - 1]
            params = {"month": name, "year": prose_digits(year), "days": prose_digits(str(error.days))}
            return ValidationError(self.error_messages["days"], code=error.code, params=params)
        return ValidationError(self.error_messages[error.code], code=error.code)

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What the boxes show: what was typed; of a Gregorian date the Solar Hijri one, which is to be confirmed."""
        day, month, year = _clean(data)
        date = jalali.from_gregorian_parts(year, month, day, today=self.today())
        return cast(JalaliDateWidget, self.widget).decompress(date) if date else data

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


def _clean(value: Any) -> tuple[str, str, str]:
    """Day, month and year as they are read; "?", which nothing accepts, for what is too long to look at."""
    day, month, year = ("?" if is_too_long(part or "") else clean_number(part or "") for part in _three(value))
    return day, month, year


def _three(value: Sequence[str | None]) -> Sequence[str | None]:
    return value if isinstance(value, list | tuple) and len(value) == 3 else (None, None, None)
