"""Long lists of options, drawn once for each process: 1 300 cities through Django's templates cost 100 ms a page."""

from copy import copy
from functools import cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

Options = tuple[tuple[str, str], ...]


class LongChoiceField(forms.ChoiceField):
    """A choice among many: every form shares the one list, which Django would copy item by item for each."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "LongChoiceField":
        result: LongChoiceField = forms.Field.__deepcopy__(self, memo)
        result.__dict__["_choices"] = self.__dict__["_choices"]
        return result


class LongSelect(forms.Select):
    """A select whose options never change. Those before the first group are drawn anew: they may be translated."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "LongSelect":
        widget = copy(self)
        widget.attrs = self.attrs.copy()
        return widget

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        built = self.build_attrs(self.attrs, attrs)
        first, groups = _parts(tuple((key, _frozen(label)) for key, label in self.choices))
        chosen = "" if value is None else str(value)
        head = "".join(_option(key, label, chosen) for key, label in first)
        body = _body(groups)
        if chosen:
            plain = _option(chosen, _labels(groups).get(chosen, ""), "")
            body = body.replace(plain, plain.replace("<option", "<option selected", 1), 1)
        # Everything joined here was escaped by format_html.
        return mark_safe(f"{format_html('<select{}>', flatatt({'name': name} | built))}{head}{body}</select>")  # noqa: S308


def _frozen(label: Any) -> Any:
    return tuple(label) if isinstance(label, list | tuple) else label


def _parts(choices: tuple[tuple[str, Any], ...]) -> tuple[list[tuple[str, Any]], tuple[tuple[str, Any], ...]]:
    """The choices that are drawn anew (translated text) and those that never change."""
    lazy = [(key, label) for key, label in choices if not isinstance(label, str | tuple)]
    return lazy, tuple((key, label) for key, label in choices if isinstance(label, str | tuple))


def _option(key: str, label: Any, chosen: str) -> SafeString:
    """`value` only where it differs from the text: a city is its own value, and 1 300 of them are 30 kB."""
    selected = mark_safe(" selected") if key == chosen else ""
    if key == str(label):
        return format_html("<option{}>{}</option>", selected, label)
    return format_html('<option value="{}"{}>{}</option>', key, selected, label)


@cache
def _body(groups: tuple[tuple[str, Any], ...]) -> str:
    drawn = []
    for key, label in groups:
        if isinstance(label, tuple):
            inner = "".join(_option(value, text, "") for value, text in label)
            drawn.append(format_html('<optgroup label="{}">{}</optgroup>', key, mark_safe(inner)))  # noqa: S308
        else:
            drawn.append(_option(key, label, ""))
    return "".join(drawn)


@cache
def _labels(groups: tuple[tuple[str, Any], ...]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for key, label in groups:
        labels.update(dict(label) if isinstance(label, tuple) else {key: label})
    return labels
