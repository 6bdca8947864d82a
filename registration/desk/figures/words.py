"""How the figures are said: numbers, days, times, and the names of what is counted."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.templatetags.portal import jalali_date
from iran import jalali, waits
from registration.models import Operator

TIMES = (1, 10, 60, 600, 3600, 36_000, 172_800, 864_000, 8_640_000)  # seconds; the last is 100 days

# Statuses of first decisions, in the order of the plot; the event's kind tells a clerk's from the check's.
OUTCOMES: dict[tuple[str, str], Any] = {
    ("decided", "activated"): _("Opened at once"),
    ("decided", "branch"): _("Sent to a branch"),
    ("decided", "mismatch"): _("Identity does not match"),
    ("expired", "expired"): _("Expired undecided"),
    ("withdrawn", "withdrawn"): _("Withdrawn by the citizen"),
}
SENT, FAILED = ("unknown", "accepted", "delivery_unknown"), ("failed", "undelivered", "expired")
STEPS: dict[str, Any] = {
    "contact": _("Gave national code and mobile"),
    "sent": _("Code was sent"),
    "proved": _("Proved the mobile"),
    "identity": _("Filled in the identity"),
    "submitted": _("Sent the request"),
    "decided": _("Request was decided"),
}
PAGES: dict[str, Any] = {
    "contact": _("Page of the mobile"),
    "activation": _("Page of the code"),
    "identity": _("Page of the identity"),
    "account": _("Page of the account"),
    "review": _("Last page"),
}
DEEDS: dict[str, Any] = {
    "activated": _("Activated"),
    "first_word": _("First word"),
    "corrected": _("Corrected"),
    "rejected": _("Refused"),
    "withdrawn": _("Withdrawn"),
    "errand": _("Errands of accounts"),
}


def number(value: float) -> str:
    """A whole number with its thousands apart."""
    grouped = f"{round(value):,}"
    return grouped if waits.is_latin_page() else waits.prose_digits(grouped).replace(",", "٬")


def share(part: float, whole: float) -> str:
    """Per cent; `–` of nothing. Few are not none, and most are not all."""
    if not whole:
        return "–"
    percent = round(100 * part / whole)
    percent = max(percent, 1) if part else percent
    percent = min(percent, 99) if part < whole else percent
    return waits.prose_digits(f"{percent}%") if waits.is_latin_page() else waits.prose_digits(f"{percent}٪")


def date(day: dt.date) -> str:
    return jalali_date(day)


def short_date(day: dt.date) -> str:
    """Without the year."""
    return jalali_date(day).rpartition(" ")[0]


def numeric_date(day: dt.date) -> str:
    """`1405-09-10`, for files."""
    year, month, number = jalali.from_gregorian(day)
    return f"{year}-{month:02}-{number:02}"


def time(seconds: float) -> str:
    """About so long: one unit, the largest of which there are two."""
    whole = round(seconds)
    if whole < 100:
        said = ngettext("%(count)s second", "%(count)s seconds", whole) % {"count": whole}
    elif whole < 100 * 60:
        said = ngettext("%(count)s minute", "%(count)s minutes", round(seconds / 60)) % {"count": round(seconds / 60)}
    elif whole < 48 * 3600:
        said = ngettext("%(count)s hour", "%(count)s hours", round(seconds / 3600)) % {"count": round(seconds / 3600)}
    else:
        said = ngettext("%(count)s day", "%(count)s days", round(seconds / 86400)) % {"count": round(seconds / 86400)}
    return waits.prose_digits(said)


def operator(name: str) -> str:
    return str(dict(Operator.choices).get(name, _("Not known")))
