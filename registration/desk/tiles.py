"""What a clerk looks at first: counts, each a link to its list."""

from dataclasses import replace
from typing import Any

from django.urls import reverse

from accounts.models import User
from infra.counting import by_indexes_alone, count_up_to
from registration.desk import listing, search
from registration.desk.two import CONFIRM
from registration.lifecycle import scope
from registration.models import RegistrationRequest

Status = RegistrationRequest.Status
LINKS = {
    "waiting": "",
    "today": "?status=all&when=today",
    "overdue": "?status=submitted&when=overdue",
    "second": "?status=second",
}


def of(user: User, site: str) -> list[dict[str, Any]]:
    """The tiles of the own provinces; what waits for the second person is for whoever may be that."""
    whole = listing.of(scope.provinces_of(user))
    waiting = replace(whole, statuses=tuple(sorted(RegistrationRequest.OPEN)))
    submitted = replace(whole, statuses=(Status.SUBMITTED,))
    lists = {
        "waiting": waiting,
        "today": whole.narrowed(search.today()),
        "overdue": submitted.narrowed(search.overdue()),
    }
    if user.has_perm(CONFIRM):
        lists["second"] = replace(whole, statuses=(Status.MISMATCH,)).narrowed(search.second_word())
    with by_indexes_alone():
        counts = count_up_to(search.CAP, {name: one.everything() for name, one in lists.items()})
    address = reverse("admin:registration_registrationrequest_changelist", current_app=site)
    return [
        {
            "name": name,
            "count": min(count, search.CAP),
            "more": count > search.CAP,
            "address": address + LINKS[name],
        }
        for name, count in counts.items()
    ]
