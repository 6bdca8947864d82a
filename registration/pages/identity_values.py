"""How each field of the identity is shown, to citizens (the review page) and to clerks (the desk)."""

from collections.abc import Callable

from django.utils.functional import Promise

from accounts.templatetags.portal import jalali_date, ltr
from registration.models import RegistrationRequest

Text = str | Promise  # safe to put into a page: SafeString, or to be escaped by the template
Show = Callable[[RegistrationRequest, str], Text]  # a request, the field's name


def _as_it_is(request: RegistrationRequest, name: str) -> Text:
    text: Text = getattr(request, name)
    return text


def _number(request: RegistrationRequest, name: str) -> Text:
    return ltr(getattr(request, name))


def _date(request: RegistrationRequest, name: str) -> Text:
    return jalali_date(getattr(request, name))


def _choice(request: RegistrationRequest, name: str) -> Text:
    label: Text = getattr(request, f"get_{name}_display")()
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


def shown(request: RegistrationRequest, name: str) -> Text:
    """The value of the field for a page; empty when the request does not have it."""
    return SHOWN[name](request, name)
