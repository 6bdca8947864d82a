"""Inputs that let people type as they are used to; whatever is wrong is said by the server, in its own words.

All are `type=text`: number inputs drop zeros and change by the wheel. None has `maxlength`, `required` or `pattern`,
which browsers report in their own language and which cut what is pasted.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from iran import jalali

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

    Each subwidget's context carries its `label`, for templates that draw the parts themselves.
    """

    use_fieldset = True
    labels: Mapping[str, Promise] = {"day": _("Day"), "month": _("Month"), "year": _("Year")}

    def __init__(self, *, autocomplete: str = "bday") -> None:
        tokens = {part: f"{autocomplete}-{part}" if autocomplete != "off" else "off" for part in self.labels}
        super().__init__(
            {
                "day": PlainInput(autocomplete=tokens["day"], inputmode="numeric"),
                # No numeric keyboard: the name of the month may be written.
                "month": PlainInput(autocomplete=tokens["month"]),
                "year": PlainInput(autocomplete=tokens["year"], inputmode="numeric"),
            }
        )

    def use_required_attribute(self, initial: Any) -> bool:
        return False

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
