"""`/metrics`: the numbers that operators watch, in Prometheus' text format 0.0.4, counted from rows at every reading.

For this machine, or with `Authorization: Bearer METRICS_TOKEN`; nobody else learns that the page exists. Every number
costs one statement that reads no more rows than it says.
"""

import ipaddress
import math
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from registration.statistics import oldest_undecided, oldest_waiting_request, open_breakers, requests_by_status
from sms.provider_status import refusing
from sms.statistics import (
    CAP,
    NEWEST,
    challenges_of_the_hour,
    codes_of_the_hour,
    confirmed_share,
    heartbeats,
    messages_of_the_hour,
    oldest_waiting_message,
    open_messages,
    since_purges,
    unconfirmed_budget,
    unconfirmed_codes,
)
from sso.expiry import days_left

NEVER = math.inf  # so that "older than a minute" is true of what never was


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        raise Http404
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _may_read(request: HttpRequest) -> bool:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    # REMOTE_ADDR is the client's even behind TRUSTED_PROXIES. A proxy on this machine that is not among them would
    # make the whole world local, hence nobody counts as local whose request was handed on.
    handed_on = {"X-Forwarded-For", "Forwarded"} & set(request.headers)
    return not handed_on and ipaddress.ip_address(request.META["REMOTE_ADDR"]).is_loopback


class Rows(Collector):
    """Counts anew whenever it is read; nothing is kept in this process, so there is one truth for all of them."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        counted = f"{CAP + 1} stands for more than {CAP}"
        yield _gauge("portal_requests", f"Registration requests; {counted}.", "status", requests_by_status())
        yield _seconds("portal_request_oldest_undecided", "Since the oldest undecided request came", oldest_undecided())
        yield _seconds("portal_request_oldest_due", "Since an identity check was due", oldest_waiting_request())
        still_open = f"Text messages that are not final; {counted}."
        yield _gauge("portal_messages_open", still_open, "state", open_messages())
        made = f"Text messages made in the last hour, among the newest {NEWEST}."
        yield _gauge("portal_messages_last_hour", made, "state", messages_of_the_hour())
        yield _seconds("portal_message_oldest_due", "Since a text message was due", oldest_waiting_message())
        begun = f"OTP challenges begun in the last hour, among the newest {NEWEST}; how many of them were confirmed."
        yield _gauge("portal_verifications_last_hour", begun, "outcome", challenges_of_the_hour())
        codes = codes_of_the_hour()
        left = f"One-time codes of the last hour, among the newest {NEWEST} messages: sent, and of those confirmed."
        yield _gauge("portal_codes_last_hour", left, "outcome", codes)
        share = "Confirmed codes of the last hour ÷ sent ones; 1: none was sent. Low: somebody pumps text messages."
        yield GaugeMetricFamily("portal_codes_confirmed_share", share, value=confirmed_share(codes))
        waiting = "Codes of the whole portal that nobody has confirmed, in each window of LIMIT_UNCONFIRMED (seconds)."
        yield _gauge("portal_codes_unconfirmed", waiting, "window", unconfirmed_codes())
        budget = "LIMIT_UNCONFIRMED: where registrations are told that the portal is busy; alarm at half."
        yield _gauge("portal_codes_unconfirmed_budget", budget, "window", unconfirmed_budget())
        beats = {queue: NEVER if age is None else age for queue, age in heartbeats().items()}
        reached = "Since a queue's worker was last reached."
        yield _gauge("portal_worker_heartbeat_age_seconds", reached, "queue", beats)
        deleted = {app: NEVER if age is None else age for app, age in since_purges().items()}
        yield _gauge("portal_purge_age_seconds", "Since the old rows of an app were last deleted.", "app", deleted)
        refused = "1 while a provider of text messages refuses our account."
        yield _gauge("portal_sms_provider_refuses", refused, "provider", refusing())
        ends = "Days to the first end of keys, of the portal's own and of those of services in use; +Inf: none ends."
        yield _gauge("portal_signing_keys_days_left", ends, "whose", days_left())
        alone = "1 while an identity service is left alone because it does not answer."
        yield _gauge("portal_identity_breaker_open", alone, "provider", open_breakers())


def _gauge(name: str, meaning: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    """`values`: value of the label → number."""
    gauge = GaugeMetricFamily(name, meaning, labels=[label])
    for value, number in values.items():
        gauge.add_metric([value], number)
    return gauge


def _seconds(name: str, meaning: str, age: int | None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{name}_seconds", f"{meaning}; 0: none waits.", value=age or 0)


# Ours alone: the library's own registry tells about the process that happens to answer.
REGISTRY = CollectorRegistry()
REGISTRY.register(Rows())
