"""`make sbom`, `make outdated`, `make audit`: they are wired, and none of them takes silence for a good result."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from devtools import outdated, sbom
from devtools.audit import __main__ as audit
from devtools.audit import attack, findings, lighthouse_scan, source
from devtools.audit.findings import Finding, Outcome

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("requirements*.txt"))
MARK = re.compile("[0-9a-f]{10}")


# ── the bill of materials ─────────────────────────────────────────────────────────────────────────────────────────────
def test_the_bill_of_materials_lists_every_locked_package(tmp_path: Path) -> None:
    lock, target = ROOT / "requirements.txt", tmp_path / "sbom.json"

    listed = sbom.make(lock, target)

    bill = json.loads(target.read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert {part["name"]: part["version"] for part in bill["components"]} == sbom.locked(lock)
    assert listed == len(sbom.locked(lock)) > 30
    for part in bill["components"]:
        hashes = [one["content"] for place in part["externalReferences"] for one in place.get("hashes", [])]
        assert hashes
        assert all(f"--hash=sha256:{one}" in lock.read_text("ascii") for one in hashes), part["name"]


def test_every_locked_file_has_hashes() -> None:
    assert {lock.name for lock in LOCKS} >= {*sbom.LOCKS, "requirements-audit.txt", "requirements-attack.txt"}
    for lock in LOCKS:
        packages = re.findall(r"^[A-Za-z0-9].*?(?=^[A-Za-z0-9]|\Z)", lock.read_text("ascii"), re.MULTILINE | re.DOTALL)
        assert packages, lock.name
        assert [package.split("==")[0] for package in packages if "--hash=sha256:" not in package] == [], lock.name


def test_locked_reads_names_versions_and_markers(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text(
        "a==1.2 \\\n    --hash=sha256:0\nb==2 ; python_version < '3.12' \\\nb==3 ; x\nlast==4.0.1\n", "ascii"
    )
    assert sbom.locked(lock) == {"a": "1.2", "b": "2 3", "last": "4.0.1"}


# ── what is behind ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("version", "kept"),
    [("5.2.19", ">=5.2.19,<5.3"), ("2026.10.18", ">=2026.10.18,<2026.11"), ("33.1", "==33.1"), ("24", "==24")],
)
def test_a_package_is_kept_to_its_series(version: str, kept: str) -> None:
    assert outdated.series(version) == kept


def test_what_is_behind_is_told() -> None:
    present = {"same": "1.0.0", "patched": "5.2.19", "newer": "1.2.0"}
    rows, behind = outdated.compare(present, {**present, "patched": "5.2.20"}, {**present, "newer": "1.3.0"})
    assert rows == [["newer", "1.2.0", "–", "1.3.0"], ["patched", "5.2.19", "5.2.20", "–"]]
    assert behind == 1


def test_without_an_index_nothing_is_compared_and_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho 'error: failed to fetch' >&2\nexit 2\n", "ascii")
    uv.chmod(0o755)
    monkeypatch.setattr(outdated, "environment", lambda group: tmp_path)

    assert outdated.main() == 2

    assert "Nothing was compared" in capsys.readouterr().err


# ── the scanners ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_packages_that_nobody_could_be_asked_about_are_no_good_news(capsys: pytest.CaptureFixture[str]) -> None:
    skipped = {"name": "django", "skip_reason": "Dependency not found and could not be audited"}
    done = {"name": "httpx", "version": "0.28.1", "vulns": []}
    for answer in (json.dumps({"dependencies": [skipped]}), json.dumps({"dependencies": []}), "", "{}"):
        outcome = source.audited(answer)
        assert outcome.problem
        assert findings.report([outcome]) == 2
    assert "NOT DONE" in capsys.readouterr().out
    assert source.audited(json.dumps({"dependencies": [done, skipped]})).problem
    assert source.audited(json.dumps({"dependencies": [done]})) == Outcome("pip-audit", "1 of 1 packages")


def test_a_known_hole_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    hole = {"id": "PYSEC-1", "fix_versions": ["5.2.20"]}
    outcome = source.audited(json.dumps({"dependencies": [{"name": "django", "version": "5.2.19", "vulns": [hole]}]}))
    assert findings.report([outcome]) == 1
    assert "PYSEC-1" in capsys.readouterr().out


def test_a_mark_changes_with_the_line_and_not_with_its_number() -> None:
    finding = Finding("bandit", "B105", "a.py", "    key = ''", 7)
    assert MARK.fullmatch(finding.mark)
    assert finding.mark == Finding("bandit", "B105", "a.py", "key = ''", 9, "other words").mark
    assert finding.mark != Finding("bandit", "B105", "a.py", "key = 'x'", 7).mark


def test_what_is_explained_is_not_open(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    finding = Finding("bandit", "B105", "a.py", "x = ''")
    assert findings.report([Outcome("bandit", "1 files", [finding])]) == 1
    monkeypatch.setattr(findings, "triage", lambda: {finding.mark: "a word, no password"})
    assert findings.report([Outcome("bandit", "1 files", [finding])]) == 0
    assert "all explained" in capsys.readouterr().out


def test_every_explanation_has_a_reason_and_names_what_it_explains_once() -> None:
    entries = tomllib.loads(findings.TRIAGE.read_text("utf-8"))["accepted"]
    marks = [mark for entry in entries for mark in entry["marks"]]
    assert all(len(entry["why"]) > 15 for entry in entries)
    assert all(MARK.fullmatch(mark) for mark in marks)
    assert len(marks) == len(set(marks))
    assert findings.triage().keys() == set(marks)


def test_a_scan_that_saw_nothing_behind_the_sign_in_is_not_done() -> None:
    report: dict[str, Any] = {"vulnerabilities": {}, "anomalies": {}}
    public = [("GET", f"/{name}/", 200) for name in range(9)]
    inside = [("GET", f"/accounts/profile/{name}/", 200) for name in range(4)]
    assert attack.wapiti_outcome("citizen", report, public).problem
    assert not attack.wapiti_outcome("citizen", report, [*public, *inside]).problem
    assert not attack.wapiti_outcome("stranger", report, public).problem
    assert attack.wapiti_outcome("stranger", report, public[:2]).problem
    faults = attack.wapiti_outcome("stranger", report, [*public, ("POST", "/x/", 500)]).findings
    assert [(fault.rule, fault.where) for fault in faults] == [("500", "POST /x/")]


def test_a_form_that_was_not_reached_was_not_tried() -> None:
    target, fine = attack.TARGETS[0], [("POST", "/x/", 200)] * 9
    assert not attack.sqlmap_outcome(target, attack.NOT_INJECTABLE, fine).problem
    assert attack.sqlmap_outcome(target, attack.NOT_INJECTABLE, []).problem
    assert attack.sqlmap_outcome(target, attack.NOT_INJECTABLE, fine, inside=False).problem
    assert attack.sqlmap_outcome(target, attack.NOT_INJECTABLE, [("POST", "/x/", 403)] * 9).problem
    assert "time limit" in attack.sqlmap_outcome(target, "[10:00:00] [INFO] the time limit was reached", fine).problem
    said = f"sqlmap {attack.INJECTABLE}\nParameter: code (POST)\n"
    assert [found.line for found in attack.sqlmap_outcome(target, said, fine).findings] == ["code"]


def lighthouse_report(accessibility: float, performance: float, *, failed: str = "", machine: int = 1500) -> Any:
    categories = {
        "accessibility": {
            "score": accessibility,
            "auditRefs": [{"id": "label", "weight": 10}, {"id": "x", "weight": 0}],
        },
        "performance": {"score": performance, "auditRefs": []},
    }
    audits = {"label": {"score": 0 if failed == "label" else 1, "title": "Labels"}, "x": {"score": 0, "title": "X"}}
    return {"categories": categories, "audits": audits, "environment": {"benchmarkIndex": machine}}


def test_of_five_runs_the_median_counts_and_one_failed_audit_is_a_finding() -> None:
    page = lighthouse_scan.PAGES[0]
    good = [lighthouse_scan.LEAST["performance"] / 100] * 3
    reports = [lighthouse_report(1, score) for score in [0.1, *good, 0.2]]
    assert lighthouse_scan.scores(reports) == {"accessibility": 100, "performance": 95}
    assert lighthouse_scan.findings_of(page, reports) == []
    slow = [lighthouse_report(1, score) for score in (0.94, 0.94, 0.94, 1, 1)]
    assert [found.rule for found in lighthouse_scan.findings_of(page, slow)] == ["performance"]
    reports[0] = lighthouse_report(0.98, 0.95, failed="label")
    assert [found.rule for found in lighthouse_scan.findings_of(page, reports)] == ["label"]
    assert (
        len({found.mark for place in lighthouse_scan.PAGES for found in lighthouse_scan.findings_of(place, slow)}) == 4
    )


def test_a_page_that_lighthouse_could_not_open_is_not_done() -> None:
    assert lighthouse_scan.problem_of({"runtimeError": {"message": "CHROME_INTERSTITIAL_ERROR"}})
    assert lighthouse_scan.problem_of({"categories": {"accessibility": {"score": 1}}})
    assert lighthouse_scan.problem_of({})
    assert not lighthouse_scan.problem_of(lighthouse_report(1, 1))


def test_the_speed_of_a_busy_machine_is_no_result() -> None:
    page = lighthouse_scan.PAGES[0]
    assert "busy" in lighthouse_scan.busy(page, [lighthouse_report(1, 0.77, machine=217)] * 5)
    assert not lighthouse_scan.busy(page, [lighthouse_report(1, 0.77, machine=1500)] * 5)
    assert not lighthouse_scan.busy(page, [lighthouse_report(1, 0.99, machine=217)] * 5)


def test_lighthouse_is_pinned_with_all_it_needs_by_hashes() -> None:
    lock = json.loads((lighthouse_scan.LOCK / "package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages["node_modules/lighthouse"]["version"] == "12.8.2"
    assert [name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")] == []
    assert "resolved" not in json.dumps(packages), "addresses belong to the machine"


def test_a_scanner_that_does_not_exist_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(["nikto"]) == 2
    assert "No such scanner: nikto. There are: bandit detect-secrets" in capsys.readouterr().err
