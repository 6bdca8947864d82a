"""What the pages of services show beside what was typed: how much each is used, and whose keys end soon."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.templatetags.portal import fa, jalali_date
from infra import plots
from sso import expiry
from sso.models import Service, ServiceUse

DAYS = 30
What = ServiceUse.What


def of(service: Service) -> dict[str, Any]:
    """The last DAYS days: `plots`, and `rows` of the days on which something was counted, the newest first."""
    today = timezone.localdate()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    counted: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    errors: dict[date, list[tuple[str, int]]] = defaultdict(list)
    found = ServiceUse.objects.filter(service=service, day__gte=days[0]).values("day", "what", "error")
    for row in found.annotate(number=Sum("number")).order_by("error"):
        counted[row["day"]][row["what"]] += row["number"]
        if row["error"]:
            errors[row["day"]].append((row["error"], row["number"]))
    rows = [
        (day, counted[day][What.SIGN_IN], counted[day][What.TOKENS], errors[day])
        for day in reversed(days)
        if day in counted
    ]
    drawn = [_plot(what, days, counted) for what in (What.SIGN_IN, What.REFUSED)] if rows else []
    return {"plots": drawn, "rows": rows}


def _plot(what: ServiceUse.What, days: list[date], counted: dict[date, dict[str, int]]) -> tuple[str, SafeString]:
    values = [(jalali_date(day), counted[day][what] if day in counted else 0) for day in days]
    words = _("%(what)s of the last %(days)s days; the most on one day: %(most)s")
    told = words % {"what": what.label, "days": fa(DAYS), "most": fa(max(number for _day, number in values))}
    return str(what.label), plots.bars(told, values, say=fa)


def end_of_keys(service: Service) -> str:
    """In words if it is near; empty else."""
    day = service.keys_end_on
    if day is None or not expiry.is_near(day):
        return ""
    words = _("Its keys end on %(day)s.") if expiry.days_to(day) > 0 else _("Its keys have ended on %(day)s.")
    return words % {"day": jalali_date(day)}


def end_of_own_keys() -> str:
    """The same of the portal's own."""
    day = expiry.own()
    if day is None or not expiry.is_near(day):
        return ""
    words = _("The portal’s own keys are to be replaced by %(day)s: tell those who operate it.")
    return words % {"day": jalali_date(day)}
