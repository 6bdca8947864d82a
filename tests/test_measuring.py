"""How long codes, decisions, pages and hashes take, for /metrics: from rows, and from what processes measure."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from prometheus_client import generate_latest
from pytest_django import Settings

from accounts.passwords import hasher
from infra import measures
from registration.models import IdentityCheck
from sms import statistics
from sms.models import Message
from sms.outbox import queue as outbox
from tests.registration.rows import make_request
from tests.sms.otp.challenges import begin, others
from tests.source_code import ROOT
from tests.test_metrics import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def local() -> Client:
    return Client(REMOTE_ADDR="127.0.0.1")


def test_how_long_codes_and_decisions_take(local: Client) -> None:
    for number, seconds in ((11, 2), (12, 45), (13, 700)):
        begin(**others(number))
        code = Message.objects.latest("pk")
        Message.objects.filter(pk=code.pk).update(
            state="accepted", accepted_at=F("created_at") + timedelta(seconds=seconds), send_at=None, ask_at=Now()
        )
    make_request(4, "activated", age=timedelta(minutes=20), decided_at=Now())
    numbers = read(local)
    ends = {"1.0": 0, "2.0": 1, "30.0": 1, "60.0": 2, "600.0": 2, "+Inf": 3}
    assert {end: numbers[f"portal_code_sent_seconds_bucket{{{end}}}"] for end in ends} == ends
    assert numbers["portal_code_sent_seconds_gsum"] == 747
    assert numbers["portal_decision_seconds_bucket{900.0}"] == 0
    assert numbers["portal_decision_seconds_bucket{3600.0}"] == numbers["portal_decision_seconds_bucket{+Inf}"] == 1


def test_sends_and_questions_by_who_was_asked(local: Client) -> None:
    begin()
    for _ in range(2):
        outbox.add(recipient="+989970000041", purpose="notice", template="password_changed")
    newest = Message.objects.latest("pk")
    Message.objects.filter(pk=newest.pk).update(state="failed", provider="kavenegar", params={}, send_at=None)
    code = others(11)["national_code"]
    for outcome in ("owned", "no answer", ""):
        IdentityCheck.objects.create(national_code=code, provider="jibit", operation="ownership", outcome=outcome)
    IdentityCheck.objects.filter(outcome="owned").update(at=Now() - timedelta(minutes=61))
    told = {name: number for name, number in read(local).items() if "sends_" in name or "inquiries_" in name}
    assert told == {  # labels in alphabetical order
        "portal_sends_last_hour{code}{none}{queued}": 1,
        "portal_sends_last_hour{text}{none}{queued}": 1,
        "portal_sends_last_hour{text}{kavenegar}{failed}": 1,
        "portal_inquiries_last_hour{ownership}{no_answer}{jibit}": 1,
        "portal_inquiries_last_hour{ownership}{open}{jibit}": 1,
    }


def test_what_is_due_by_queue(local: Client) -> None:
    begin()
    outbox.add(recipient="+989970000041", purpose="notice", template="password_changed")
    Message.objects.filter(code_nonce=None).update(send_at=Now() - timedelta(seconds=30))
    numbers = read(local)
    assert [numbers[f"portal_queue_oldest_due_seconds{{{queue}}}"] for queue in statistics.QUEUES] == [0, 30, 0]


# ── what processes measure ────────────────────────────────────────────────────────────────────────────────────────────
def value(name: str, **labels: str) -> float:
    return measures.REGISTRY.get_sample_value(name, labels) or 0


def test_requests_count_by_the_name_of_their_page_and_never_by_what_was_sent(client: Client) -> None:
    ways = [
        ("/", "registration:home", 200),
        ("/registration/track/code/?a=1", "registration:track-code", 302),
        ("/nobody/has/this/0019990411/", "none", 404),
        ("/desk/registration/registrationrequest/77/change/", "desk:registration_registrationrequest_change", 302),
    ]
    for path, route, status in ways:
        labels = {"route": route, "status": str(status)}
        before = value("portal_http_requests_total", **labels), value("portal_http_request_seconds_count", route=route)
        assert client.get(path).status_code == status
        after = value("portal_http_requests_total", **labels), value("portal_http_request_seconds_count", route=route)
        assert after == (before[0] + 1, before[1] + 1), path
    assert "0019990411" not in generate_latest(measures.REGISTRY).decode()


def test_hashes_tell_how_long_they_waited_and_that_they_were_refused(settings: Settings) -> None:
    def told() -> tuple[float, float]:
        return value("portal_hash_wait_seconds_count"), value("portal_hash_refused_total")

    waited, refused = told()
    make_password("Sh1raz!2026")
    settings.HASH_LANE_PLACES = 0
    with pytest.raises(hasher.LaneFull):
        make_password("Sh1raz!2026")
    assert told() == (waited + 1, refused + 1)


def test_whichever_process_is_asked_tells_of_all_also_of_those_that_ended(tmp_path: Path) -> None:
    count = "from infra import measures; measures.counter('portal_hash_refused', 'What it means.').inc(); "
    tell = "import prometheus_client as p; r = p.CollectorRegistry(); r.register(measures.OfAllProcesses()); "
    tell += "print(p.generate_latest(r).decode())"
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for script in (count, count + tell):
        done = subprocess.run([sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert "portal_hash_refused_total 2.0" in done.stdout
    assert "What it means." in done.stdout
