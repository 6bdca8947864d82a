"""The review page of the four-step registration: everything that was entered, and the way back to each of it."""

from collections.abc import Callable, Iterator

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from iran.numbers import local_mobile
from registration.models import RegistrationRequest
from registration.pages.identity_values import shown
from registration.pages.places import city_name, country_name
from registration.wizard.forms import IdentityForm

Value = str | Promise | SafeString
Line = tuple[Value, Value, str]  # label, value, where it is changed ("" nowhere)
Section = tuple[str, list[Line]]
SERIES = ("certificate_series_letter", "certificate_series_number")


def sections(draft: RegistrationRequest, address: Callable[[str], str]) -> list[Section]:
    """The page's sections; `address("identity")` is where that step is answered again. Secrets are never shown."""
    contact, identity, account = address("contact"), address("identity"), address("account")
    questions = [question for question in (draft.question_1, draft.question_2, draft.question_3) if question]
    return [
        (
            _("Contact details"),
            [
                (_("National code"), shown(draft, "national_code"), contact),
                (_("Mobile phone number"), _ltr(local_mobile(draft.mobile)), contact),
                (_("Mobile operator"), draft.get_operator_display(), contact),
            ],
        ),
        (
            _("Identity"),
            [
                *((label, value, identity) for label, value in _identity(draft)),
                (_("Country of residence"), country_name(draft.country), identity),
                (_("City of residence"), city_name(draft.city), identity),
            ],
        ),
        (
            _("Account"),
            [
                (_("E-mail"), _ltr(draft.email) if draft.email else _("Not given"), account),
                (_("Password"), _("A password is set"), account),
                *((str(question), _("Answered"), account) for question in questions),
            ],
        ),
    ]


def _identity(draft: RegistrationRequest) -> Iterator[tuple[Value, Value]]:
    """Label, as the form has it, and value of each field of the identity; letter and number of the series are one."""
    for name in RegistrationRequest.IDENTITY_FIELDS:
        if name == SERIES[0]:
            yield _("Certificate series"), "/".join([getattr(draft, part) for part in SERIES])
        elif name not in SERIES:
            yield IdentityForm.base_fields[name].label or "", shown(draft, name)


def _ltr(text: str) -> SafeString:
    return format_html('<bdi dir="ltr">{}</bdi>', text)
