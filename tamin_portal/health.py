"""What load balancers and operators ask: is this process alive, can it serve pages, what does not work."""

import logging
from collections.abc import Callable
from typing import Any

import redis
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from registration.statistics import oldest_waiting_request
from sms.provider_status import blocked, configuration_problem, credit_level
from sms.statistics import heartbeats, oldest_waiting_message
from tamin_portal.metrics import may_read

log = logging.getLogger(__name__)

AWAY = "away"
HEARTBEAT_SECONDS = 60  # beat sends one every 15 s
WAITING_SECONDS = 300  # work due for longer than this waits for something that is broken


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers at all."""
    return HttpResponse("ok", content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 while pages can be served, else 503. What else does not work a load balancer cannot mend: see `state`."""
    serves = _asked(_database) == "ok"
    return JsonResponse({"ready": serves}, status=200 if serves else 503)


@login_not_required
@require_safe
def state(request: HttpRequest) -> JsonResponse:
    """200 when a citizen could register now, else 503; the JSON names each part. Seconds everywhere.

    For operators' readers, as /metrics: nobody else learns that it exists.
    """
    if not may_read(request):
        raise Http404
    report = {"database": _asked(_database), "broker": _asked(_broker)}
    rows: dict[str, Callable[[], Any]] = {
        "workers": heartbeats,
        "oldest_message": oldest_waiting_message,
        "oldest_request": oldest_waiting_request,
        "sms_configuration": configuration_problem,
        "sms_credit": credit_level,
    }
    # A database that is away is asked once: each question would wait for its time-out.
    report |= {name: _asked(ask) if report["database"] == "ok" else AWAY for name, ask in rows.items()}
    workers = report["workers"]
    healthy = (
        report["database"] == "ok"
        and report["broker"] == "ok"
        and isinstance(workers, dict)
        and all(age is not None and age <= HEARTBEAT_SECONDS for age in workers.values())
        and all(_fresh(report[name]) for name in ("oldest_message", "oldest_request"))
        and not (report["sms_configuration"] and _asked(blocked))  # another provider may take them over
    )
    return JsonResponse({"healthy": healthy} | report, status=200 if healthy else 503)


def _fresh(age: object) -> bool:
    return age is None or (isinstance(age, int) and age <= WAITING_SECONDS)


def _asked(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except (Error, redis.RedisError) as error:
        log.warning("health: %s does not answer (%s)", question.__name__, type(error).__name__)
        return AWAY


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _broker() -> str:
    cache.get("health")
    return "ok"
