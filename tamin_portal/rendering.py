"""How the controls of forms are drawn, and how static files are named."""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.safestring import mark_safe
from whitenoise.storage import CompressedManifestStaticFilesStorage


class PortalRenderer(TemplatesSetting):
    """Draws the usual controls as Django's templates do, without templates: they were two thirds of a page's time."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        draw = CONTROLS.get(template_name)
        if draw is None:
            return super().render(template_name, context, request)
        return mark_safe(draw(context["widget"]))  # noqa: S308  _attributes and escape have escaped all of it


Widget = Mapping[str, Any]


def _input(widget: Widget) -> str:
    value = {} if widget["value"] is None else {"value": widget["value"]}
    return f"<input{_attributes({'type': widget['type'], 'name': widget['name'], **value, **widget['attrs']})}>"


def _select(widget: Widget) -> str:
    groups = "".join(_group(name, "".join(map(_option, options))) for name, options, _index in widget["optgroups"])
    return f"<select{_attributes({'name': widget['name'], **widget['attrs']})}>{groups}</select>"


def _group(name: object, options: str) -> str:
    return f'<optgroup label="{escape(str(name))}">{options}</optgroup>' if name else options


def _option(option: Widget) -> str:
    return (
        f"<option{_attributes({'value': option['value'], **option['attrs']})}>{escape(str(option['label']))}</option>"
    )


def _attributes(attributes: Mapping[str, object]) -> str:
    given = ((name, value) for name, value in attributes.items() if value is not False)
    return "".join(f" {name}" if value is True else f' {name}="{escape(str(value))}"' for name, value in given)


_WIDGETS = "django/forms/widgets"
CONTROLS: dict[str, Callable[[Widget], str]] = {  # by Django's template
    **dict.fromkeys((f"{_WIDGETS}/{kind}.html" for kind in ("text", "hidden", "password", "email")), _input),
    f"{_WIDGETS}/select.html": _select,
}


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Names with a content hash, so that browsers may keep them for ever; a name the manifest lacks is served as it is.

    Without `collectstatic` (tests, the first minute of development) plain names still work.
    """

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The hashed name; the plain one for a file that was not collected, which the hashing itself would refuse."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
