"""Error pages. 500 and 503 use no context processor and no database: they must work when nothing else does."""

import contextlib
import sys
from typing import Any, cast

import redis
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from infra.limits import LimitReached
from iran import waits


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Also for a session that was ended elsewhere before this request's could be saved, as session_ended."""
    if isinstance(exception, SessionInterrupted):
        return _to_the_beginning(SESSION_KEY in request.session)
    return render(request, "400.html", status=400)


def session_ended(request: HttpRequest) -> HttpResponse:
    """The session was ended elsewhere while this request was under way: nothing of it goes on, the visitor begins anew.

    At the sign-in, who was signed in; else at the home page.
    """
    was_signed_in = SESSION_KEY in request.session
    request.session.flush()
    messages.info(request, _("This session was ended elsewhere meanwhile. Please begin again."))
    return _to_the_beginning(was_signed_in)


def _to_the_beginning(was_signed_in: bool) -> HttpResponse:
    return redirect(settings.LOGIN_URL if was_signed_in else "registration:home")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page of the registration comes back with what was typed into it, if it is a page of this browser's form."""
    match = request.resolver_match
    view: Any = match.func if match else None
    if match and request.method == "POST" and hasattr(getattr(view, "view_class", None), "is_refused"):
        with contextlib.suppress(PermissionDenied, SuspiciousOperation):
            return cast("HttpResponse", view(request, *match.args, **match.kwargs, is_refused=True).render())
    return render(request, "403_csrf.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def method_not_allowed(request: HttpRequest, response: HttpResponseNotAllowed) -> HttpResponse:
    page = render(request, "405.html", status=405)
    page.headers["Allow"] = response.headers["Allow"]
    return page


def too_many_requests(request: HttpRequest, limit: LimitReached) -> HttpResponse:
    """The same page for every rule, with the wait: which one was reached helps only an attacker."""
    page = render(request, "429.html", {"limit": waits.explained(limit)}, status=429)
    page.headers["Retry-After"] = str(limit.retry_after)
    return page


def is_away(error: BaseException | None) -> bool:
    """PostgreSQL or Redis did not answer, or not in time; everything else is a fault of ours."""
    return isinstance(error, OperationalError | redis.RedisError)


def server_error(request: HttpRequest) -> HttpResponse:
    """Also for what a middleware raises, which no `process_exception` sees: sessions are read and written there."""
    if is_away(sys.exc_info()[1]):
        return service_unavailable(request)
    return HttpResponse(render_to_string("500.html"), status=500)


def service_unavailable(request: HttpRequest, retry_after: int = 60) -> HttpResponse:
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": str(retry_after)})
