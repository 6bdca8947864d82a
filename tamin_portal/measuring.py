"""How many requests each page answers, how, and in how many seconds. For /metrics (infra.measures)."""

from collections.abc import Callable
from functools import cache
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from infra import measures

GetResponse = Callable[[HttpRequest], HttpResponse]

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
REQUESTS = measures.counter(
    "portal_http_requests", "Requests answered, by name of the page and status.", "route", "status"
)
SECONDS = measures.histogram(
    "portal_http_request_seconds",
    "Seconds from a request's arrival in its process to its answer.",
    "route",
    buckets=BUCKETS,
)
STATIC, NOWHERE = "static", "none"
_answered = cache(REQUESTS.labels)  # at most as many as there are names of pages and statuses
_took = cache(SECONDS.labels)


def measure(get_response: GetResponse) -> GetResponse:
    """Of a page the name of its address counts, never the address: there is an end to names."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        response = get_response(request)
        route = _route(request)
        _took(route).observe(perf_counter() - began)
        _answered(route, str(response.status_code)).inc()
        return response

    return middleware


def _route(request: HttpRequest) -> str:
    if match := request.resolver_match:
        return match.view_name
    return STATIC if request.path_info.startswith(settings.STATIC_URL) else NOWHERE
