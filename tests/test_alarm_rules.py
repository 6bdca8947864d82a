"""Prometheus itself (promtool) on deploy/prometheus/rules.yml: each alarm comes with its fault, and no other does."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.source_code import ROOT
from tests.test_metrics import EVERYTHING, SAMPLES

RULES = ROOT / "deploy/prometheus/rules.yml"
ALARMS = [rule["alert"] for group in yaml.safe_load(RULES.read_text("utf-8"))["groups"] for rule in group["rules"]]
BOARDS = sorted((ROOT / "deploy/grafana").glob("*.json"))
MINUTES, LONGEST = 25, 125  # longer than every "for", the one of two hours included

# Of a portal that is well, each minute: a number that stays, or (text) one that grows by so much.
WELL: dict[str, int | float | str] = {
    'up{job="portal"}': 1,
    'portal_worker_heartbeat_age_seconds{queue="codes"}': 10,
    'portal_worker_heartbeat_age_seconds{queue="texts"}': 10,
    "portal_message_oldest_due_seconds": 2,
    "portal_figures_age_seconds": 600,
    'portal_signing_keys_days_left{whose="portal"}': 300,
    'portal_signing_keys_days_left{whose="services"}': 300,
    'portal_sms_provider_refuses{provider="kavenegar"}': 0,
    'portal_messages_last_hour{state="failed"}': 3,
    'portal_identity_breaker_open{provider="jibit"}': 0,
    "portal_request_oldest_due_seconds": 2,
    "portal_request_oldest_undecided_seconds": 100,
    'portal_purge_age_seconds{app="sms"}': 3000,
    'portal_codes_unconfirmed{window="300"}': 100,
    'portal_codes_unconfirmed_budget{window="300"}': 2000,
    "portal_codes_confirmed_share": 0.9,
    'portal_codes_last_hour{outcome="sent"}': 500,
    "portal_database_up": 1,
    'portal_database_connections{role="portal"}': 40,
    "portal_database_connections_limit": 200,
    'portal_http_requests_total{route="registration:home",status="200"}': "600",
    'portal_http_requests_total{route="registration:home",status="503"}': "1",
    'portal_http_request_seconds_bucket{route="registration:home",le="0.1"}': "600",
    'portal_http_request_seconds_bucket{route="registration:home",le="2.5"}': "600",
    'portal_http_request_seconds_bucket{route="registration:home",le="+Inf"}': "600",
    'portal_http_request_seconds_bucket{route="static",le="2.5"}': "0",
    'portal_http_request_seconds_bucket{route="static",le="+Inf"}': "90",  # files do not count
    "portal_hash_refused_total": "1",
    'portal_code_sent_seconds_bucket{le="3.0"}': 100,
    'portal_code_sent_seconds_bucket{le="10.0"}': 100,
    'portal_code_sent_seconds_bucket{le="30.0"}': 100,
    'portal_code_sent_seconds_bucket{le="+Inf"}': 100,
    "portal_code_sent_seconds_gcount": 100,
    'portal_decision_seconds_bucket{le="60.0"}': 100,
    'portal_decision_seconds_bucket{le="3600.0"}': 100,
    'portal_decision_seconds_bucket{le="14400.0"}': 100,
    'portal_decision_seconds_bucket{le="+Inf"}': 100,
    "portal_decision_seconds_gcount": 100,
    'portal_inquiries_last_hour{provider="jibit",operation="identity",outcome="match"}': 90,
    'portal_inquiries_last_hour{provider="jibit",operation="identity",outcome="no_answer"}': 5,
}
FAULTS: dict[str, Mapping[str, int | float | str]] = {
    "PortalAway": {'up{job="portal"}': 0},
    "PortalWorkerAway": {'portal_worker_heartbeat_age_seconds{queue="texts"}': 61},
    "PortalMessagesLate": {"portal_message_oldest_due_seconds": 61},
    "PortalProviderRefuses": {'portal_sms_provider_refuses{provider="kavenegar"}': 1},
    "PortalMessagesFail": {'portal_messages_last_hour{state="failed"}': 51},
    "PortalIdentityServiceAway": {'portal_identity_breaker_open{provider="jibit"}': 1},
    "PortalDecisionsLate": {"portal_request_oldest_due_seconds": 301},
    "PortalRequestUndecided": {"portal_request_oldest_undecided_seconds": 86_401},
    "PortalNothingDeleted": {'portal_purge_age_seconds{app="sms"}': 10_801},
    "PortalFiguresLate": {"portal_figures_age_seconds": 10_801},
    "PortalUnconfirmedCodesHalf": {'portal_codes_unconfirmed{window="300"}': 1000},
    "PortalCodesNotConfirmed": {"portal_codes_confirmed_share": 0.4},
    "PortalDatabaseAway": {"portal_database_up": 0},
    "PortalConnectionsFew": {'portal_database_connections{role="portal"}': 161},
    "PortalPagesFail": {'portal_http_requests_total{route="registration:home",status="503"}': "7"},
    "PortalPagesSlow": {'portal_http_request_seconds_bucket{route="registration:home",le="2.5"}': "590"}
    | {'portal_http_request_seconds_bucket{route="registration:home",le="0.1"}': "500"}
    | {'portal_http_request_seconds_bucket{route="registration:home",le="5.0"}': "600"},
    "PortalPasswordsRefused": {"portal_hash_refused_total": "13"},
    "PortalCodesSlow": {'portal_code_sent_seconds_bucket{le="3.0"}': 50}
    | {'portal_code_sent_seconds_bucket{le="10.0"}': 90},
    "PortalDecisionsSlow": {'portal_decision_seconds_bucket{le="60.0"}': 10}
    | {'portal_decision_seconds_bucket{le="3600.0"}': 90},
    "PortalInquiriesUnanswered": {
        'portal_inquiries_last_hour{provider="jibit",operation="identity",outcome="no_answer"}': 91
    },
    "PortalKeysEnd": {'portal_signing_keys_days_left{whose="services"}': 29},
}


def promtool(*arguments: str) -> str:
    memory = Path("/dev/shm")  # noqa: S108  it makes a database for each story
    directory = {"TMPDIR": str(memory)} if memory.is_dir() else {}
    environment = {**os.environ, **directory}
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def story(fault: str | None) -> dict[str, Any]:
    """For promtool: the series, and which alarms are there at the end of them; at their first moment none is."""
    series, minutes = [], LONGEST if fault == "PortalNothingDeleted" else MINUTES
    for name, value in {**WELL, **FAULTS.get(fault or "", {})}.items():
        values = f"0+{value}x{minutes}" if isinstance(value, str) else f"{value}x{minutes}"
        series.append(
            {"series": name[:-1] + ',instance="a"}' if "{" in name else name + '{instance="a"}', "values": values}
        )
    firing = 'count by (alertname) (ALERTS{alertstate="firing"})'
    expected = [{"labels": f'{{alertname="{fault}"}}', "value": 1}] if fault else []
    checks = [{"expr": firing, "eval_time": f"{minutes}m", "exp_samples": expected}]
    return {"interval": "1m", "input_series": series, "promql_expr_test": checks}


def test_prometheus_reads_the_rules() -> None:
    assert f"{len(ALARMS)} rules found" in promtool("check", "rules", str(RULES))


def test_each_alarm_comes_with_its_fault_and_no_other_one(tmp_path: Path) -> None:
    assert list(FAULTS) == ALARMS
    stories = [story(None), *map(story, FAULTS)]
    file = tmp_path / "stories.json"  # JSON is YAML
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "5m", "tests": stories}), "utf-8")
    promtool("test", "rules", str(file))


def test_the_series_of_the_stories_are_told_by_the_portal() -> None:
    for name in [name for series in (WELL, *FAULTS.values()) for name in series if not name.startswith("up{")]:
        assert set(re.findall(r"(\w+)=", name)) == SAMPLES[name.partition("{")[0]], name


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_boards_ask_for_what_there_is(path: Path) -> None:
    board = json.loads(path.read_text("utf-8"))
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for panel in panels:
        assert {target["refId"] for target in panel["targets"]}
        for target in panel["targets"]:
            asked = set(re.findall(r"portal_\w+", target["expr"]))
            assert asked, panel["title"]
            assert asked <= SAMPLES.keys(), panel["title"]
            known = set.union(*(SAMPLES[name] for name in asked))
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= known, panel["title"]
        for alarm in re.findall(r"Portal\w+", panel["description"]):
            assert alarm in ALARMS


def test_everything_that_is_told_stands_on_a_board() -> None:
    shown = set(re.findall(r"portal_\w+", "".join(path.read_text("utf-8") for path in BOARDS)))
    families = {re.sub(r"_(bucket|count|sum|gcount|gsum|total)$", "", name) for name in shown}
    assert {re.sub(r"_(gcount|gsum)$", "", name) for name in EVERYTHING} == families
