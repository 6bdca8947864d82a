"""How each field of the identity is shown, to citizens (the review page) and to clerks (the desk)."""

from collections.abc import Callable

from django.utils.functional import Promise

from accounts.models import Person
from accounts.models.changes import as_value
from accounts.templatetags.portal import jalali_date, ltr

Text = str | Promise  # safe to put into a page: SafeString, or to be escaped by the template
Show = Callable[[Person, str], Text]  # a request or an account, the field's name


def _as_it_is(person: Person, name: str) -> Text:
    text: Text = getattr(person, name)
    return text


def _number(person: Person, name: str) -> Text:
    return ltr(getattr(person, name))


def _date(person: Person, name: str) -> Text:
    return jalali_date(getattr(person, name))


def _choice(person: Person, name: str) -> Text:
    label: Text = getattr(person, f"get_{name}_display")()
    return label


# One line for each of Person.IDENTITY_FIELDS, and one for the national code.
SHOWN: dict[str, Show] = {
    "national_code": _number,
    "last_name": _as_it_is,
    "first_name": _as_it_is,
    "certificate_number": _number,
    "certificate_serial": _number,
    "certificate_series_letter": _as_it_is,
    "certificate_series_number": _number,
    "birth_date": _date,
    "gender": _choice,
}


def shown(person: Person, name: str) -> Text:
    """The value of the field for a page; empty when it is not known."""
    return SHOWN[name](person, name)


def shown_kept(model: type[Person], name: str, text: str) -> Text:
    """What an event kept of the field, for a page."""
    return shown(model(**{name: as_value(model, name, text)}), name) if text else "–"
