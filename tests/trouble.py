"""The portal's addresses and, beside them, views that do what no view of the portal should."""

from threading import Event
from typing import Any

import redis
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from infra.limits import LimitReached
from tamin_portal import urls
from tamin_portal.urls import handler400, handler403, handler404, handler500

__all__ = ["FAULTS", "handler400", "handler403", "handler404", "handler500", "urlpatterns"]

FAULTS: dict[str, Exception] = {
    "fault": ValueError("somebody's secret: narges-bahrami"),
    "refused-row": IntegrityError("Key (national_code)=(narges-bahrami) already exists."),
    "database": OperationalError("connection to server at 10.0.0.7, narges-bahrami"),
    "redis": redis.ConnectionError("Error 111 connecting to 10.0.0.8, narges-bahrami"),
    "slow-redis": redis.TimeoutError("narges-bahrami"),
    "forbidden": PermissionDenied("narges-bahrami"),
    "limit-busy": LimitReached("unconfirmed", 77, busy=True),
    "limit-1": LimitReached("sends-per-mobile", 3000),
    "limit-2": LimitReached("sign-in", 60),
    "limit-3": LimitReached("tracking-per-national-code", 86_000),
}

begun, go_on = Event(), Event()


def waiting(request: HttpRequest) -> HttpResponse:
    """A request that is under way until the test says `go_on`."""
    begun.set()
    assert go_on.wait(60)
    return HttpResponse()


def seen(request: HttpRequest) -> JsonResponse:
    """What views see of the client."""
    return JsonResponse(
        {"address": request.META["REMOTE_ADDR"], "secure": request.is_secure(), "language": request.LANGUAGE_CODE}
    )


def _raising(error: Exception) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        password = request.POST.get("password")  # a local variable, which tracebacks like to show
        try:
            raise KeyError(password)
        except KeyError:
            raise error.with_traceback(None)  # noqa: B904  the context is part of what must stay silent

    return login_not_required(view)


urlpatterns = [
    *urls.urlpatterns,
    path("trouble/seen/", login_not_required(seen)),
    path("trouble/post-only/", login_not_required(require_POST(seen))),
    path("trouble/members/", seen),
    path("trouble/waiting/", login_not_required(waiting)),
    *(path(f"trouble/{name}/", _raising(error)) for name, error in FAULTS.items()),
]
