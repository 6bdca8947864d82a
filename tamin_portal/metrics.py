"""`/metrics`: the numbers that operators watch, in Prometheus' text format 0.0.4, counted from rows at every reading.

For this machine, or with `Authorization: Bearer METRICS_TOKEN`; nobody else learns that the page exists. Every number
costs one statement that reads no more rows than it says.
"""

import ipaddress
import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from registration.statistics import oldest_undecided, oldest_waiting_request, open_breakers, requests_by_status
from sms.statistics import (
    CAP,
    NEWEST,
    challenges_of_the_hour,
    heartbeats,
    messages_of_the_hour,
    oldest_waiting_message,
    open_messages,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
NEVER = math.inf  # so that "older than a minute" is true of what never was


class Gauge(NamedTuple):
    """`values`: value of the label → number; one without a label has the only key ""."""

    name: str
    meaning: str
    label: str
    values: Mapping[str, float]


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        raise Http404
    lines = [line for gauge in _gauges() for line in _lines(gauge)]
    return HttpResponse("\n".join([*lines, ""]), content_type=CONTENT_TYPE)


def _may_read(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    # REMOTE_ADDR is the client's even behind TRUSTED_PROXIES. A proxy on this machine that is not among them would
    # make the whole world local, hence nobody counts as local whose request was handed on.
    handed_on = {"X-Forwarded-For", "Forwarded"} & set(request.headers)
    return not handed_on and ipaddress.ip_address(request.META["REMOTE_ADDR"]).is_loopback


def _gauges() -> Iterator[Gauge]:
    counted = f"{CAP + 1} stands for more than {CAP}"
    yield Gauge("portal_requests", f"Registration requests; {counted}.", "status", requests_by_status())
    yield _seconds("portal_request_oldest_undecided", "Since the oldest undecided request came", oldest_undecided())
    yield _seconds("portal_request_oldest_due", "Since an inquiry should have been made", oldest_waiting_request())
    yield Gauge("portal_messages_open", f"Text messages that are not final; {counted}.", "state", open_messages())
    made = f"Text messages made in the last hour, among the newest {NEWEST}."
    yield Gauge("portal_messages_last_hour", made, "state", messages_of_the_hour())
    yield _seconds("portal_message_oldest_due", "Since a text message should have been sent", oldest_waiting_message())
    challenges = f"Proofs of a mobile begun in the last hour, among the newest {NEWEST}; how many of them succeeded."
    yield Gauge("portal_verifications_last_hour", challenges, "outcome", challenges_of_the_hour())
    beats = {queue: NEVER if age is None else age for queue, age in heartbeats().items()}
    yield Gauge("portal_worker_heartbeat_age_seconds", "Since a queue's worker was last reached.", "queue", beats)
    alone = "1 while an identity service is left alone because it does not answer."
    yield Gauge("portal_identity_breaker_open", alone, "provider", open_breakers())


def _seconds(name: str, meaning: str, age: int | None) -> Gauge:
    return Gauge(f"{name}_seconds", f"{meaning}; 0: none waits.", "", {"": age or 0})


def _lines(gauge: Gauge) -> Iterator[str]:
    yield f"# HELP {gauge.name} {_escaped(gauge.meaning)}"
    yield f"# TYPE {gauge.name} gauge"
    for value, number in gauge.values.items():
        quoted = _escaped(value).replace('"', r"\"")
        label = f'{{{gauge.label}="{quoted}"}}' if gauge.label else ""
        yield f"{gauge.name}{label} {'+Inf' if number == NEVER else int(number)}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")
