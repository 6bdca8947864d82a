"""What a clerk looks at first: counts, each a link to its list."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.errands import identity
from infra.counting import by_indexes_alone, count_up_to
from registration.desk import listing, search
from registration.desk.accounts.acts import CONFIRM as CONFIRM_IDENTITY
from registration.desk.filters import provinces_of
from registration.desk.two import CONFIRM
from registration.desk.who import who
from registration.models import RegistrationRequest

Status = RegistrationRequest.Status
LINKS = {
    "waiting": "",
    "today": "?status=all&when=today",
    "overdue": "?status=submitted&when=overdue",
    "second": "?status=second",
}
IDENTITIES = "identities"  # of accounts, not of requests


def of(request: HttpRequest, site: str) -> list[dict[str, Any]]:
    """The tiles of the own provinces; what waits for the second person is for whoever may be that."""
    whole = listing.of(provinces_of(request))
    waiting = replace(whole, statuses=tuple(sorted(RegistrationRequest.OPEN)))
    submitted = replace(whole, statuses=(Status.SUBMITTED,))
    lists = {
        "waiting": waiting,
        "today": whole.narrowed("today", search.today()),
        "overdue": submitted.narrowed("overdue", search.overdue()),
    }
    if request.user.has_perm(CONFIRM):
        lists["second"] = replace(whole, statuses=(Status.MISMATCH,)).narrowed("second", search.second_word())
    with by_indexes_alone():
        arms = {(name, *arm): rows for name, one in lists.items() for arm, rows in one.arms().items()}
        found = count_up_to(search.CAP, arms, in_order=True)
    counts = {name: sum(count for arm, count in found.items() if arm[0] == name) for name in lists}
    address = reverse("admin:registration_registrationrequest_changelist", current_app=site)
    addresses = {name: address + LINKS[name] for name in counts}
    if request.user.has_perm(CONFIRM_IDENTITY):
        counts[IDENTITIES] = identity.queue(who(request))[: search.CAP + 1].count()
        addresses[IDENTITIES] = reverse("admin:accounts_user_waiting", current_app=site)
    return [
        {
            "name": name,
            "count": min(count, search.CAP),
            "more": count > search.CAP,
            "address": addresses[name],
        }
        for name, count in counts.items()
    ]
