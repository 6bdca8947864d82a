"""Error pages. 500 and 503 use no context processor and no database: they must work when nothing else does."""

import sys

import redis
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string

from infra.limits import LimitReached
from iran import waits


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
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
