"""Who has sent a citizen here to register: named on every page of the form, kept with the draft, led back to.

`?next=` is a page of the portal, as a sign-in takes it. It only tells which service waits behind it: where people are
led in the end, the service's own row says. The session keeps the page as long as its request may wait
(sso.pages.pending); later, and in any other browser, the mark in the row of the request leads on.
"""

from django.http import HttpRequest
from django.urls import reverse

from accounts.sign_in import callers
from accounts.sign_in.callers import Caller
from registration.lifecycle import draft as saved_draft
from registration.models import RegistrationRequest

NEXT = "came_by"  # the session's name for the page
LONGEST = 200


def _page(request: HttpRequest) -> str:
    page = request.GET.get("next", "")
    return page if len(page) <= LONGEST else ""


def caller(request: HttpRequest, row: RegistrationRequest | None) -> Caller | None:
    return callers.behind(_page(request)) or (callers.known(row.came_from) if row else None)


def note(request: HttpRequest, draft: RegistrationRequest, before: RegistrationRequest | None = None) -> None:
    """Keep with the draft who has sent the person; `before`: the draft whose place it takes."""
    page = _page(request)
    found = callers.behind(page)
    if found:
        request.session[NEXT] = page
    saved_draft.note_caller(draft, found.mark if found else before.came_from if before else "")


def sign_in(request: HttpRequest, row: RegistrationRequest | None, found: Caller | None) -> str:
    """The address of the sign-in that leads on: to the request that waits, or to where the service begins one."""
    waiting = _page(request) or request.session.get(NEXT, "")
    same = callers.behind(waiting) if found else None
    page = waiting if found and same and same.mark == found.mark else found.start if found else ""
    return reverse("accounts:login") + callers.query(page)
