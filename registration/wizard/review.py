"""The review page of the four-step registration: everything that was entered, and the way back to each of it."""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from iran.jalali import format_date
from iran.numbers import local_mobile
from registration.models import RegistrationRequest
from registration.pages.places import COUNTRY_NAMES

Value = str | Promise | SafeString
Line = tuple[str, Value, str]  # label, value, where it is changed ("" nowhere)
Section = tuple[str, list[Line]]


def sections(draft: RegistrationRequest, address: Callable[[str], str]) -> list[Section]:
    """The page's sections; `address("identity")` is where that step is answered again. Secrets are never shown."""
    contact, identity, account = address("contact"), address("identity"), address("account")
    questions = [question for question in (draft.question_1, draft.question_2, draft.question_3) if question]
    series = f"{draft.certificate_series_letter}/{draft.certificate_series_number}"
    return [
        (
            _("Contact details"),
            [
                (_("National code"), _ltr(draft.national_code), contact),
                (_("Mobile phone number"), _ltr(local_mobile(draft.mobile)), contact),
                (_("Mobile operator"), draft.get_operator_display(), contact),
            ],
        ),
        (
            _("Identity"),
            [
                (_("Last name"), draft.last_name, identity),
                (_("First name"), draft.first_name, identity),
                (_("Certificate number"), _ltr(draft.certificate_number), identity),
                (_("Certificate series"), series, identity),
                (_("Certificate serial number"), _ltr(draft.certificate_serial), identity),
                (_("Date of birth"), format_date(draft.birth_date) if draft.birth_date else "", identity),
                (_("Gender"), draft.get_gender_display(), identity),
                (_("Country of residence"), COUNTRY_NAMES.get(draft.country, draft.country), identity),
                (_("City of residence"), draft.city, identity),
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


def _ltr(text: str) -> SafeString:
    return format_html('<bdi dir="ltr">{}</bdi>', text)
