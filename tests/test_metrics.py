"""The numbers that operators watch: what they say and what a reading costs. Who may read them: test_metrics_readers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from registration.models import ProviderHealth
from sms import statistics
from sms.models import Heartbeat, Message, OtpChallenge
from sms.otp import challenge as otp
from sms.outbox import queue as outbox
from tamin_portal import metrics
from tests import clock
from tests.registration.rows import make_request
from tests.sms.otp.challenges import begin, others, right_code

pytestmark = pytest.mark.django_db

LABELS: dict[str, set[str]] = {
    "portal_requests": {"status"},
    "portal_request_oldest_undecided_seconds": set(),
    "portal_request_oldest_due_seconds": set(),
    "portal_messages_open": {"state"},
    "portal_messages_last_hour": {"state"},
    "portal_message_oldest_due_seconds": set(),
    "portal_verifications_last_hour": {"outcome"},
    "portal_codes_last_hour": {"outcome"},
    "portal_codes_confirmed_share": set(),
    "portal_codes_unconfirmed": {"window"},
    "portal_codes_unconfirmed_budget": {"window"},
    "portal_worker_heartbeat_age_seconds": {"queue"},
    "portal_purge_age_seconds": {"app"},
    "portal_figures_age_seconds": set(),
    "portal_sms_provider_refuses": {"provider"},
    "portal_signing_keys_days_left": {"whose"},
    "portal_identity_breaker_open": {"provider"},
    "portal_queue_oldest_due_seconds": {"queue"},
    "portal_sends_last_hour": {"provider", "kind", "state"},
    "portal_code_sent_seconds": {"le"},
    "portal_inquiries_last_hour": {"provider", "operation", "outcome"},
    "portal_decision_seconds": {"le"},
    "portal_beat_age_seconds": set(),
    "portal_database_connections": {"role"},
    "portal_database_connections_limit": set(),
    "portal_database_up": set(),
}
HISTOGRAMS = {"portal_code_sent_seconds", "portal_decision_seconds"}
MEASURED: dict[str, set[str]] = {
    "portal_http_requests": {"route", "status"},
    "portal_http_request_seconds": {"route"},
    "portal_hash_wait_seconds": set(),
    "portal_hash_refused": set(),
}
EVERYTHING: dict[str, set[str]] = {
    **LABELS,
    **MEASURED,
    **{f"{name}{end}": set() for name in HISTOGRAMS for end in ("_gcount", "_gsum")},
}
# The names that alarms and boards ask for.
SAMPLES: dict[str, set[str]] = {
    **{name: labels for name, labels in LABELS.items() if name not in HISTOGRAMS},
    **{
        f"{name}{end}": {"le"} if end == "_bucket" else set()
        for name in HISTOGRAMS
        for end in ("_bucket", "_gcount", "_gsum")
    },
    **{
        f"{name}{end}": labels | ({"le"} if end == "_bucket" else set())
        for name, labels in MEASURED.items()
        for end in (("_bucket", "_count", "_sum") if name.endswith("_seconds") else ("_total",))
    },
}
COUNTED_BY_OTHERS = {  # no statement of their own
    *("portal_codes_confirmed_share", "portal_codes_unconfirmed_budget", "portal_beat_age_seconds"),
    *("portal_database_connections_limit", "portal_database_up"),
}


@pytest.fixture
def local() -> Client:
    return Client(REMOTE_ADDR="127.0.0.1")


def read(client: Client) -> dict[str, Any]:
    """`name{value}` → number, of a page that is well formed: each gauge described once, before its samples."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    page = response.content.decode()
    assert page.endswith("\n")
    families = list(text_string_to_metric_families(page))
    assert sorted(family.name for family in families) == sorted(EVERYTHING)
    numbers: dict[str, float] = {}
    for family in families:
        assert family.documentation
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == EVERYTHING[family.name] - {"le"}
            label = "".join(f"{{{value}}}" for value in sample.labels.values())
            assert sample.name + label not in numbers
            if family.name not in MEASURED:  # of this process, whatever it has answered before
                assert family.type == ("histogram" if family.name in HISTOGRAMS else "gauge")
                numbers[sample.name + label] = sample.value
    return numbers


# ── what is read ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_empty_portal(local: Client) -> None:
    numbers = read(local)
    beats = {name: number for name, number in numbers.items() if "_age_" in name}
    queues = {f"portal_worker_heartbeat_age_seconds{{{queue}}}" for queue in statistics.QUEUES}
    assert beats == dict.fromkeys(
        queues
        | {"portal_beat_age_seconds", "portal_figures_age_seconds"}
        | {f"portal_purge_age_seconds{{{app}}}" for app in ("accounts", "registration", "sms", "sso")},
        float("inf"),
    )
    taken = sum(numbers.pop(name) for name in list(numbers) if name.startswith("portal_database_connections{"))
    assert 0 < taken < numbers.pop("portal_database_connections_limit")
    assert numbers.pop("portal_signing_keys_days_left{portal}") > 300
    assert numbers.pop("portal_signing_keys_days_left{services}") == float("inf")
    full = {"portal_codes_confirmed_share": 1, "portal_codes_unconfirmed_budget{300}": 2000, "portal_database_up": 1}
    assert {name: numbers[name] for name in full} == full
    assert {number for name, number in numbers.items() if name not in beats | full} == {0}


def test_requests_by_status_and_the_oldest_that_waits(local: Client) -> None:
    make_request(1, "submitted", age=timedelta(minutes=5), due_at=Now() + timedelta(minutes=1))
    make_request(2, "submitted", age=timedelta(minutes=7), due_at=Now() - timedelta(seconds=90))
    make_request(3, "branch", age=timedelta(days=3))
    make_request(4, "draft")
    numbers = read(local)
    expected = {"submitted": 2, "branch": 1, "draft": 1, "activated": 0, "expired": 0}
    assert {status: numbers[f"portal_requests{{{status}}}"] for status in expected} == expected
    assert numbers["portal_request_oldest_undecided_seconds"] == 420
    assert numbers["portal_request_oldest_due_seconds"] == 90


def test_messages_by_state_and_how_long_they_wait(local: Client) -> None:
    for number in range(4):
        outbox.add(recipient=f"+98997000004{number}", purpose="notice", template="password_changed")
    accepted, failed, _, late = Message.objects.order_by("pk")
    Message.objects.filter(pk=accepted.pk).update(state="accepted", accepted_at=Now(), send_at=None, ask_at=Now())
    Message.objects.filter(pk=failed.pk).update(state="failed", params={}, send_at=None)
    Message.objects.filter(pk=late.pk).update(
        created_at=Now() - timedelta(minutes=61), send_at=Now() - timedelta(seconds=61)
    )
    numbers = read(local)
    assert {state: numbers[f"portal_messages_open{{{state}}}"] for state in Message.MOVES} == {
        "queued": 2,
        "unknown": 0,
        "accepted": 1,
    }
    hour = {state: numbers[f"portal_messages_last_hour{{{state}}}"] for state in Message.State.values}
    assert {state: number for state, number in hour.items() if number} == {"queued": 1, "accepted": 1, "failed": 1}
    assert numbers["portal_message_oldest_due_seconds"] == 61


def test_challenges_of_the_last_hour(local: Client) -> None:
    for number in (1, 2, 3):
        make_request(number, "draft")
    first = OtpChallenge.objects.order_by("pk").first()
    assert first
    OtpChallenge.objects.filter(pk=first.pk).update(attempts=1, confirmed_at=Now())
    clock.advance(minutes=59)
    assert read(local)["portal_verifications_last_hour{started}"] == 3
    assert read(local)["portal_verifications_last_hour{confirmed}"] == 1
    clock.advance(minutes=2)
    assert read(local)["portal_verifications_last_hour{started}"] == 0
    assert read(local)["portal_verifications_last_hour{confirmed}"] == 0


def test_codes_that_nobody_confirms(local: Client, settings: Settings) -> None:
    settings.LIMIT_UNCONFIRMED = [(3, 300), (50, 3600)]
    first = begin()
    begin(**others(11))
    otp.confirm(first, right_code(first))
    otp.pretend(purpose="recovery", national_code=others(12)["national_code"], client_ip="192.0.2.9")
    outbox.add(recipient=first.mobile, purpose="notice", template="password_changed")
    numbers = read(local)
    assert numbers["portal_codes_last_hour{sent}"] == 2
    assert numbers["portal_codes_last_hour{confirmed}"] == 1
    assert numbers["portal_codes_confirmed_share"] == 0.5
    clock.advance(minutes=6)
    begin(**others(13))
    numbers = read(local)
    assert [numbers[f"portal_codes_unconfirmed{{{window}}}"] for window in (300, 3600)] == [1, 2]
    assert [numbers[f"portal_codes_unconfirmed_budget{{{window}}}"] for window in (300, 3600)] == [3, 50]
    clock.advance(minutes=61)
    assert read(local)["portal_codes_last_hour{sent}"] == 0


def test_workers_and_identity_services(local: Client, settings: Settings) -> None:
    settings.IDENTITY_BACKEND = "jibit"
    statistics.beat("codes")
    Heartbeat.objects.update(at=Now() - timedelta(seconds=75))
    ProviderHealth.objects.create(provider="gsb", failures=5, open_until=Now() + timedelta(seconds=30))
    numbers = read(local)
    assert numbers["portal_worker_heartbeat_age_seconds{codes}"] == 75
    assert numbers["portal_identity_breaker_open{jibit}"] == 0
    assert numbers["portal_identity_breaker_open{gsb}"] == 1
    ProviderHealth.objects.update(open_until=None)
    assert read(local)["portal_identity_breaker_open{gsb}"] == 0


def test_what_a_label_says_cannot_break_the_format(local: Client) -> None:
    ProviderHealth.objects.create(provider='a"b\\c\nd')
    assert read(local)['portal_identity_breaker_open{a"b\\c\nd}'] == 0


# ── what it costs ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_counting_ends_where_it_says(local: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sms.statistics", "registration.statistics"):
        monkeypatch.setattr(f"{module}.CAP", 2)
    monkeypatch.setattr(statistics, "NEWEST", 3)
    for number in range(5):
        make_request(number, "branch")
        outbox.add(recipient=f"+98997000004{number}", purpose="notice", template="password_changed")
    numbers = read(local)
    assert numbers["portal_requests{branch}"] == numbers["portal_messages_open{queued}"] == 3
    assert numbers["portal_messages_last_hour{queued}"] == numbers["portal_verifications_last_hour{started}"] == 3


def test_a_reading_costs_the_same_few_statements_however_many_rows(local: Client) -> None:
    make_request(1, "submitted")
    with CaptureQueriesContext(connection) as few:
        read(local)
    for number in range(2, 20):
        make_request(number, "submitted")
    with CaptureQueriesContext(connection) as many:
        read(local)
    assert len(few) == len(many)
    numbers = [query["sql"] for query in many if query["sql"].startswith("SELECT")]
    assert len(numbers) == len(LABELS.keys() - COUNTED_BY_OTHERS) + 2  # each queue has its own
    assert all(
        "LIMIT" in sql for sql in numbers if '"registration_registrationrequest"' in sql or '"sms_message"' in sql
    )


def test_without_the_database_that_is_told_and_what_processes_measure(
    local: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr(metrics, "oldest_undecided", away)
    page = local.get("/metrics").content.decode()
    assert "portal_database_up 0.0" in page
    assert "portal_requests" not in page
    assert "portal_http_requests_total" in page
    assert "10.0.0.7" not in caplog.text


def test_no_number_says_who(local: Client, new_client: Callable[[], Client]) -> None:
    row = make_request(7, "submitted")
    page = local.get("/metrics").content.decode()
    for secret in (row.national_code, row.mobile, row.last_name, str(row.tracking_code), "127.0.0.1"):
        assert secret not in page
