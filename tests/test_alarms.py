"""deploy/prometheus/rules.yml: each alarm has its page, names what /metrics tells, and comes with its fault."""

import operator
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import tasks as accounts_tasks
from infra import purges
from registration import tasks as registration_tasks
from registration.models import ProviderHealth
from sms import provider_status, statistics
from sms import tasks as sms_tasks
from sms.backends.base import ErrorKind, SmsError
from sms.models import Heartbeat, Message
from sms.outbox import queue as outbox
from sso import tasks as sso_tasks
from tests.registration.rows import make_request
from tests.source_code import ROOT
from tests.sso.relying import make_service
from tests.test_metrics import SAMPLES, read

pytestmark = pytest.mark.django_db

RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
PAGES = (ROOT / "docs/alarms.md").read_text("utf-8")
# One metric, perhaps one value of its label, against a number; the others compare two metrics or ask Prometheus itself.
SIMPLE = re.compile(r'(?P<name>portal_\w+)(\{\w+="(?P<value>\w+)"\})? (?P<sign>>|<) (?P<number>[0-9.]+)')
SIGNS: dict[str, Callable[[float, float], bool]] = {">": operator.gt, "<": operator.lt}


def test_each_alarm_is_whole_and_has_its_page() -> None:
    assert [rule["alert"] for rule in RULES] == re.findall(r"^## (\w+)$", PAGES, re.MULTILINE)
    for rule in RULES:
        assert rule.keys() <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert re.fullmatch("[0-9]+[mh]", rule.get("for", "0m"))
        assert rule["annotations"].keys() == {"summary", "runbook"}
        assert rule["annotations"]["runbook"] == f"docs/alarms.md#{rule['alert'].lower()}"
    for page in re.split(r"^## ", PAGES, flags=re.MULTILINE)[1:]:
        assert all(f"**{part}:**" in page for part in ("Means", "Citizens", "Do")), page.split()[0]


def test_alarms_name_metrics_and_labels_that_there_are() -> None:
    for rule in RULES:
        assert set(re.findall(r"portal_\w+", rule["expr"])) <= SAMPLES.keys(), rule["alert"]
        for name, label in re.findall(r"(portal_\w+)\{(\w+)=", rule["expr"]):
            assert label in SAMPLES[name], rule["alert"]
        shown = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        [metric, *_] = re.findall(r"portal_\w+", rule["expr"]) or [""]
        assert shown <= SAMPLES.get(metric, set()), rule["alert"]


def comes() -> set[str]:
    """The alarms whose condition holds, of those that compare one metric with a number."""
    numbers, found = read(Client(REMOTE_ADDR="127.0.0.1")), set()
    for rule in RULES:
        if condition := SIMPLE.fullmatch(rule["expr"]):
            wanted = condition["name"] + (f"{{{condition['value']}}}" if condition["value"] else "")
            series = [number for name, number in numbers.items() if name == wanted or name.startswith(wanted + "{")]
            assert series, rule["alert"]
            compare = SIGNS[condition["sign"]]
            found |= {rule["alert"]} if any(compare(one, float(condition["number"])) for one in series) else set()
    return found


def worker_away() -> None:
    Heartbeat.objects.filter(pk="codes").update(at=Now() - timedelta(seconds=62))


def messages_late() -> None:
    outbox.add(recipient="+989970000041", purpose="notice", template="password_changed")
    Message.objects.update(send_at=Now() - timedelta(seconds=62))


def provider_refuses() -> None:
    provider_status.met_problem("memory", "codes", SmsError(ErrorKind.CONFIGURATION, detail="418"))


def messages_fail() -> None:
    for _ in range(51):
        outbox.add(recipient="+989970000041", purpose="notice", template="password_changed")
    Message.objects.update(state="failed", params={}, send_at=None)


def identity_service_away() -> None:
    ProviderHealth.objects.create(provider="gsb", failures=5, open_until=Now() + timedelta(seconds=30))


def decisions_late() -> None:
    make_request(1, "submitted", due_at=Now() - timedelta(seconds=302))


def request_undecided() -> None:
    make_request(1, "submitted", age=timedelta(hours=25), due_at=Now() + timedelta(minutes=1))


def nothing_deleted() -> None:
    Heartbeat.objects.filter(pk=purges.NAMES["registration"]).update(at=Now() - timedelta(hours=4))


def figures_late() -> None:
    Heartbeat.objects.filter(pk=statistics.FIGURES).update(at=Now() - timedelta(hours=4))


def keys_end() -> None:
    make_service(keys_end_on=timezone.localdate() + timedelta(days=29))


FAULTS: dict[str, Callable[[], None]] = {
    "PortalWorkerAway": worker_away,
    "PortalMessagesLate": messages_late,
    "PortalProviderRefuses": provider_refuses,
    "PortalMessagesFail": messages_fail,
    "PortalIdentityServiceAway": identity_service_away,
    "PortalDecisionsLate": decisions_late,
    "PortalRequestUndecided": request_undecided,
    "PortalNothingDeleted": nothing_deleted,
    "PortalFiguresLate": figures_late,
    "PortalKeysEnd": keys_end,
}


@pytest.fixture
def healthy(settings: Settings) -> None:
    """Every worker was reached, every purge has ended, the days were counted just now."""
    settings.IDENTITY_BACKEND = "jibit"
    for queue in statistics.QUEUES:
        sms_tasks.heartbeat(queue)
    for purge in (sms_tasks.purge, accounts_tasks.purge, registration_tasks.purge, sso_tasks.purge):
        purge()
    registration_tasks.count()


@pytest.mark.parametrize("alarm", FAULTS)
def test_an_alarm_comes_with_its_fault_and_no_other_one(healthy: None, alarm: str) -> None:
    assert comes() == set()
    FAULTS[alarm]()
    assert comes() == {alarm}


def test_every_alarm_that_compares_one_metric_has_its_fault_here() -> None:
    assert {rule["alert"] for rule in RULES if SIMPLE.fullmatch(rule["expr"])} == FAULTS.keys()


def test_what_never_ran_is_late(healthy: None) -> None:
    Heartbeat.objects.all().delete()
    assert comes() == {"PortalWorkerAway", "PortalNothingDeleted", "PortalFiguresLate"}
