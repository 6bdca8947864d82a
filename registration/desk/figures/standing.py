"""What stands now: the queues of the desk as numbers, each a link to its list."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from infra.counting import by_indexes_alone, count_up_to
from registration.desk import filters, listing, search
from registration.desk.figures import words
from registration.models import Status

TITLES: dict[str, Any] = {
    filters.WAITING: _("Needs a clerk"),
    str(Status.MISMATCH): _("Identity does not match"),
    filters.UNDELIVERED: _("Result did not arrive"),
    filters.STUCK: _("Being checked for more than an hour"),
    str(Status.EXPIRED): _("Expired undecided"),
}


def queues(request: HttpRequest, site: str) -> list[dict[str, Any]]:
    """Counted by indexes and no further than search.CAP, in one statement; a second one finds the oldest that waits."""
    whole = listing.of(filters.provinces_of(request))
    lists = {name: filters.of_status(whole, name) for name in TITLES}
    with by_indexes_alone():
        found = count_up_to(search.CAP, {name: one.everything() for name, one in lists.items()})
    oldest = lists[filters.WAITING][:1].values_list("submitted_at", flat=True).first()
    age = words.time((timezone.now() - oldest).total_seconds()) if oldest else ""
    address = reverse("admin:registration_registrationrequest_changelist", current_app=site)
    return [
        {
            "name": name,
            "title": title,
            "count": words.number(min(found[name], search.CAP)),
            "more": found[name] > search.CAP,
            "none": not found[name],
            "address": f"{address}?status={name}",
            "age": age if name == filters.WAITING else "",
        }
        for name, title in TITLES.items()
    ]
