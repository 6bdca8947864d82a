"""Lighthouse: accessibility and speed of four pages, on a phone as Lighthouse imagines it (docs/testing.md).

Needs node 18 or newer with npm, and Chromium. The packages are those of lighthouse/package-lock.json, by their hashes.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from devtools.audit.findings import BUILD, Finding, Outcome
from devtools.audit.portal import Scanned, header

LOCK = Path(__file__).with_name("lighthouse")
FILES = ("package.json", "package-lock.json")
RUNS = 5  # an odd number: one of them is the median
SECONDS = 180
LEAST = {"accessibility": 100, "performance": 95}
QUIET = 1000  # of Lighthouse's benchmarkIndex: below it the machine was busy, and its speed is not the page's
CHROMIUM = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


class Page(NamedTuple):
    name: str
    path: str
    is_step_3: bool = False


PAGES = (
    Page("home", "/"),
    Page("step 1", "/portal/registration/"),
    Page("step 3", "/portal/registration/", is_step_3=True),
    Page("sign-in", "/accounts/login/"),
)


def scan(portal: Scanned) -> Outcome:
    """Every page RUNS times. A finding: a median below LEAST, and each audit of accessibility that a run failed."""
    missing = [name for name in ("node", "npm") if not shutil.which(name)]
    if missing:
        return Outcome("lighthouse", "nothing", problem=f"It needs {' and '.join(missing)}: apt-get install nodejs npm")
    command = _installed()
    outcome = Outcome("lighthouse", "")
    looked_at = []
    for page in PAGES:
        cookies = portal.at_step_3() if page.is_step_3 else {}
        reports = [_run(command, portal.address + page.path, cookies) for _ in range(RUNS)]
        if broken := next((problem for report in reports if (problem := problem_of(report))), ""):
            outcome.problem = f"{page.name}: {broken}"
            break
        found = scores(reports)
        looked_at.append(f"{page.name} " + "/".join(str(found[name]) for name in LEAST))
        outcome.problem = outcome.problem or busy(page, reports)
        outcome.findings += findings_of(page, reports)
    outcome.looked_at = ", ".join(looked_at)
    return outcome


def problem_of(report: Any) -> str:
    """Why a run says nothing of the page."""
    error = report.get("runtimeError", {}).get("message", "")
    scored = {name: report.get("categories", {}).get(name, {}).get("score") for name in LEAST}
    return error or ("" if None not in scored.values() else "a run gave no score")


def busy(page: Page, reports: list[Any]) -> str:
    """Why the page's speed says nothing, where it is too slow; else empty."""
    index = round(median(report["environment"]["benchmarkIndex"] for report in reports))
    if index >= QUIET or scores(reports)["performance"] >= LEAST["performance"]:
        return ""
    return f"{page.name}: the machine was busy (benchmarkIndex {index}, and {QUIET} are asked), measure again"


def scores(reports: list[Any]) -> dict[str, int]:
    """Category → the median of its scores, of 100."""
    return {name: round(100 * median(report["categories"][name]["score"] for report in reports)) for name in LEAST}


def findings_of(page: Page, reports: list[Any]) -> list[Finding]:
    below = [
        Finding("lighthouse", name, f"GET {page.path}", page.name, text=f"{score} of 100, and {LEAST[name]} are asked")
        for name, score in scores(reports).items()
        if score < LEAST[name]
    ]
    failed = {audit: title for report in reports for audit, title in _failed(report)}
    return below + [
        Finding("lighthouse", audit, f"GET {page.path}", page.name, text=title)
        for audit, title in sorted(failed.items())
    ]


def _failed(report: Any) -> Iterator[tuple[str, str]]:
    """Audits of accessibility that count and were not passed, with their titles."""
    for reference in report["categories"]["accessibility"]["auditRefs"]:
        audit = report["audits"][reference["id"]]
        if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
            yield reference["id"], audit["title"]


def _run(command: Path, url: str, cookies: dict[str, str]) -> Any:
    report, headers = BUILD / "lighthouse.json", BUILD / "lighthouse-headers.json"
    report.unlink(missing_ok=True)
    headers.write_text(json.dumps({"Cookie": header(cookies)} if cookies else {}), "utf-8")
    options = ["--quiet", "--output=json", f"--output-path={report}", "--only-categories=" + ",".join(LEAST)]
    options += [f"--extra-headers={headers}", "--chrome-flags=" + " ".join(CHROMIUM)]
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    done = subprocess.run(
        [str(command), url, *options],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "CHROME_PATH": chromium},
    )
    if not report.exists():
        return {"runtimeError": {"message": (done.stderr.strip().splitlines() or ["no report"])[-1]}}
    return json.loads(report.read_text("utf-8"))


def _installed() -> Path:
    """Lighthouse's command, installed when it is not there or another one is pinned."""
    directory = BUILD / "lighthouse"
    wanted = {name: (LOCK / name).read_text("utf-8") for name in FILES}
    command, mark = directory / "node_modules" / ".bin" / "lighthouse", directory / "installed"
    if mark.exists() and mark.read_text("utf-8") == wanted["package-lock.json"]:
        return command
    print("Installing lighthouse; this takes a minute, once.", flush=True)
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for name, text in wanted.items():
        (directory / name).write_text(text, "utf-8")
    subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=directory, check=True)
    mark.write_text(wanted["package-lock.json"], "utf-8")
    return command
