"""Inputs that let people type as they are used to; whatever is wrong is said by the server, in its own words.

All are `type=text`: number inputs drop zeros and change by the wheel. None has `maxlength`, `required` or `pattern`,
which browsers report in their own language and which cut what is pasted.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from iran import jalali
from iran.typed import is_too_long
from iran.waits import is_latin_page

Attrs = dict[str, Any]


class PlainInput(forms.TextInput):
    """A text input whose direction and keyboard are set and which the browser does not judge."""

    def __init__(
        self, *, autocomplete: str = "off", direction: str = "ltr", inputmode: str | None = None, **attrs: Any
    ) -> None:
        attrs = {"dir": direction, "autocomplete": autocomplete, "spellcheck": "false", **attrs}
        super().__init__({**attrs, "inputmode": inputmode} if inputmode else attrs)

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class JalaliDateWidget(forms.MultiWidget):
    """Day, month and year in three inputs named `…_day`, `…_month`, `…_year`, to stand in one fieldset.

    A whole date in one of them, the others empty, is taken apart. Each subwidget's context carries its `label`, for
    templates that draw the parts themselves. Browsers fill in nothing: the birthdays that they know are Gregorian.
    """

    use_fieldset = True
    labels: Mapping[str, Promise] = {"day": _("Day"), "month": _("Month"), "year": _("Year")}

    def __init__(self) -> None:
        super().__init__(
            {
                "day": PlainInput(inputmode="numeric"),
                # No numeric keyboard: the name of the month may be written.
                "month": PlainInput(),
                "year": PlainInput(inputmode="numeric"),
            }
        )

    @staticmethod
    def month_names() -> Sequence[str]:
        """The names of the months as the present page writes them."""
        return jalali.MONTHS_IN_LATIN if is_latin_page() else jalali.MONTHS

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str | None]:
        typed: list[str | None] = super().value_from_datadict(data, files, name)
        parts = [part for part in typed if part and part.strip()]
        whole = jalali.split(parts[0]) if len(parts) == 1 and not is_too_long(parts[0]) else None
        return [*whole] if whole else typed

    def decompress(self, value: dt.date | None) -> list[str | None]:
        if value is None:
            return [None, None, None]
        year, month, day = jalali.from_gregorian(value)
        return [str(day), str(month), str(year)]

    def get_context(self, name: str, value: Any, attrs: Attrs | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], self.labels.values(), strict=True):
            part["label"] = label
            part["attrs"]["aria-label"] = label
        return context
