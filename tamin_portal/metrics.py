"""`/metrics`: the numbers that operators watch, in Prometheus' text format 0.0.4.

What rows can tell is counted from them at every reading, in one statement each that reads no more rows than it says;
the rest the web processes measure (infra.measures). For this machine, or with `Authorization: Bearer METRICS_TOKEN`;
nobody else learns that the page exists.
"""

import ipaddress
import logging
import math
from collections.abc import Iterator, Mapping, Sequence

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from infra import measures, pool, purges
from registration.statistics import (
    decided_within,
    inquiries_of_the_hour,
    oldest_undecided,
    oldest_waiting_request,
    open_breakers,
    requests_by_status,
)
from sms.provider_status import refusing
from sms.statistics import (
    CAP,
    NEWEST,
    challenges_of_the_hour,
    codes_of_the_hour,
    codes_sent_within,
    confirmed_share,
    due_by_queue,
    heartbeats,
    messages_of_the_hour,
    oldest_waiting_message,
    open_messages,
    sends_of_the_hour,
    since_beat,
    since_figures,
    unconfirmed_budget,
    unconfirmed_codes,
)
from sso.expiry import days_left

log = logging.getLogger(__name__)

NEVER = math.inf  # so that "older than a minute" is true of what never was


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read(request):
        raise Http404
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def may_read(request: HttpRequest) -> bool:
    """An operator's reader: on this machine, or with the token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    # REMOTE_ADDR is the client's even behind TRUSTED_PROXIES. A proxy on this machine that is not among them would
    # make the whole world local, hence nobody counts as local whose request was handed on.
    handed_on = {"X-Forwarded-For", "Forwarded"} & set(request.headers)
    return not handed_on and ipaddress.ip_address(request.META["REMOTE_ADDR"]).is_loopback


class Rows(Collector):
    """Counts anew whenever it is read; nothing is kept in this process, so there is one truth for all of them."""

    def collect(self) -> Iterator[Metric]:
        """Without the database, that alone is told; what processes measure is told in any case."""
        families: list[Metric] = []
        try:
            families = list(self._counted())
        except Error as error:
            log.error("metrics: the database does not answer (%s)", type(error).__name__)
        up = "1 while rows can be counted, 0 while the database does not answer."
        yield GaugeMetricFamily("portal_database_up", up, value=bool(families))
        yield from families

    def _counted(self) -> Iterator[Metric]:
        counted = f"{CAP + 1} stands for more than {CAP}"
        yield _gauge("portal_requests", f"Registration requests; {counted}.", "status", requests_by_status())
        yield _seconds("portal_request_oldest_undecided", "Since the oldest undecided request came", oldest_undecided())
        yield _seconds("portal_request_oldest_due", "Since an identity check was due", oldest_waiting_request())
        still_open = f"Text messages that are not final; {counted}."
        yield _gauge("portal_messages_open", still_open, "state", open_messages())
        made = f"Text messages made in the last hour, among the newest {NEWEST}."
        yield _gauge("portal_messages_last_hour", made, "state", messages_of_the_hour())
        yield _seconds("portal_message_oldest_due", "Since a text message was due", oldest_waiting_message())
        late = {**due_by_queue(), "work": oldest_waiting_request() or 0}
        yield _gauge("portal_queue_oldest_due_seconds", "Since work of a queue was due; 0: none waits.", "queue", late)
        sent = f"Text messages made in the last hour, among the newest {NEWEST}, by who sends them and what they are."
        yield _gauges("portal_sends_last_hour", sent, ("provider", "kind", "state"), sends_of_the_hour())
        left = "Seconds until a provider had each code that was made in the last hour."
        yield _histogram("portal_code_sent_seconds", left, codes_sent_within())
        asked = f"Questions about people in the last hour, among the newest {NEWEST}."
        yield _gauges(
            "portal_inquiries_last_hour", asked, ("provider", "operation", "outcome"), inquiries_of_the_hour()
        )
        decided = "Seconds from submission to decision of what was decided in the last hour."
        yield _histogram("portal_decision_seconds", decided, decided_within())
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
        ages = heartbeats()
        beats = {queue: NEVER if age is None else age for queue, age in ages.items()}
        reached = "Since a queue's worker was last reached."
        yield _gauge("portal_worker_heartbeat_age_seconds", reached, "queue", beats)
        beat = since_beat(ages)
        heard = "Since beat was last heard of, by whichever queue."
        yield GaugeMetricFamily("portal_beat_age_seconds", heard, value=NEVER if beat is None else beat)
        deleted = {app: NEVER if age is None else age for app, age in purges.ages().items()}
        yield _gauge("portal_purge_age_seconds", "Since the old rows of an app were last deleted.", "app", deleted)
        counted_at = "Since the days' figures of the desk were last counted."
        age = since_figures()
        yield GaugeMetricFamily("portal_figures_age_seconds", counted_at, value=NEVER if age is None else age)
        refused = "1 while a provider of text messages refuses our account."
        yield _gauge("portal_sms_provider_refuses", refused, "provider", refusing())
        ends = "Days to the first end of keys, of the portal's own and of those of services in use; +Inf: none ends."
        yield _gauge("portal_signing_keys_days_left", ends, "whose", days_left())
        alone = "1 while an identity service is left alone because it does not answer."
        yield _gauge("portal_identity_breaker_open", alone, "provider", open_breakers())
        connections, most = pool.of_the_server()
        yield _gauge("portal_database_connections", "Connections to PostgreSQL.", "role", connections)
        yield GaugeMetricFamily("portal_database_connections_limit", "How many PostgreSQL takes.", value=most)


def _gauge(name: str, meaning: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    """`values`: value of the label → number."""
    gauge = GaugeMetricFamily(name, meaning, labels=[label])
    for value, number in values.items():
        gauge.add_metric([value], number)
    return gauge


def _gauges(
    name: str, meaning: str, labels: Sequence[str], values: Mapping[tuple[str, str, str], float]
) -> GaugeMetricFamily:
    """`values`: value of each label → number."""
    gauge = GaugeMetricFamily(name, meaning, labels=labels)
    for key, number in values.items():
        gauge.add_metric(key, number)
    return gauge


def _histogram(name: str, meaning: str, found: tuple[Sequence[tuple[str, float]], float]) -> GaugeHistogramMetricFamily:
    """Of the rows of the last hour: it goes up and down, so `histogram_quantile` takes it without `rate`."""
    buckets, total = found
    return GaugeHistogramMetricFamily(name, meaning, buckets=buckets, gsum_value=total)


def _seconds(name: str, meaning: str, age: int | None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{name}_seconds", f"{meaning}; 0: none waits.", value=age or 0)


REGISTRY = CollectorRegistry()
REGISTRY.register(Rows())
REGISTRY.register(measures.OfAllProcesses())
