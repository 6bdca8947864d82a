"""What a page shows of where a request stands, from its row alone: whatever became of its text messages."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.sign_in import callers
from registration.lifecycle.draft import IN_VAIN
from registration.models import RegistrationRequest
from registration.pages.nearest_branches import branches_of
from registration.pages.status_words import GO_TO_BRANCH, MEANINGS


def state(found: RegistrationRequest) -> dict[str, Any]:
    """For the templates that include registration/state.html."""
    headline, advice = MEANINGS[found.status]
    shown: dict[str, Any] = {"found": found, "headline": headline, "advice": advice}
    shown["branches"] = branches_of(found.city) if found.status in GO_TO_BRANCH else []
    shown["caller"] = caller = callers.known(found.came_from)
    onward = callers.query(caller.start if caller else "")
    shown["sign_in_url"] = reverse("accounts:login") + onward
    if found.status in IN_VAIN:
        flows = settings.REGISTRATION_FLOWS
        again = found.flow if found.flow in flows else flows[0]
        shown["again_url"] = reverse(f"registration:{again}-registration") + onward
    return shown
