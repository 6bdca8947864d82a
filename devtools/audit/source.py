"""Scanners that read: the code (bandit), every file for secrets (detect-secrets), the locked packages (pip-audit)."""

import json
import subprocess
from pathlib import Path
from typing import Any

from devtools.audit.findings import BUILD, ROOT, Finding, Outcome, by_file

CODE = ("accounts", "infra", "iran", "registration", "sms", "sso", "tamin_portal", "deploy", "devtools", "benchmarks")
# Not for secrets: hashes of packages, marks of findings, drawings, word lists.
NO_TEXT = (
    "requirements",
    "devtools/audit/lighthouse/",
    "devtools/audit/triage.toml",
    "docs/registration.png",
    "accounts/data/common",
)


def bandit(bin_directory: Path) -> Outcome:
    # B404 is the import of subprocess; each use of it has a rule of its own.
    ended = _run(bin_directory / "bandit", "--quiet", "--recursive", *CODE, "--skip", "B404", "--format", "json")
    try:
        said = json.loads(ended.stdout)
    except ValueError:
        return Outcome("bandit", "nothing", problem=_last_words(ended))
    found = by_file(
        "bandit",
        [
            {
                "rule": one["test_id"],
                "path": one["filename"].removeprefix("./"),
                "number": one["line_number"],
                "text": f"{one['issue_severity'].lower()}: {one['issue_text']}",
            }
            for one in said["results"]
        ],
    )
    files = len(said["metrics"]) - 1  # one is the sum
    problem = "; ".join(f"{error['filename']}: {error['reason']}" for error in said["errors"])
    return Outcome("bandit", f"{files} files", found, problem)


def secrets(bin_directory: Path) -> Outcome:
    """Every file that git knows, but for those that hold nothing written by hand (NO_TEXT)."""
    listed = _run("git", "ls-files").stdout.split()
    files = [path for path in listed if not path.startswith(NO_TEXT)]
    ended = _run(bin_directory / "detect-secrets", "scan", *files)
    try:
        said = json.loads(ended.stdout)["results"]
    except (ValueError, KeyError):
        return Outcome("detect-secrets", "nothing", problem=_last_words(ended))
    found = [
        {"rule": one["type"], "path": path, "number": one["line_number"], "text": ""}
        for path, several in said.items()
        for one in several
    ]
    return Outcome("detect-secrets", f"{len(files)} files", by_file("detect-secrets", found))


def packages(bin_directory: Path, lock: str = "requirements.txt") -> Outcome:
    """Known holes of what production installs. pip-audit itself exits 0 when it could ask nobody; this does not."""
    arguments = ("--requirement", lock, "--require-hashes", "--disable-pip", "--progress-spinner", "off")
    ended = _run(bin_directory / "pip-audit", *arguments, "--format", "json")
    return audited(ended.stdout, _last_words(ended))


def audited(answer: str, last_words: str = "") -> Outcome:
    """`answer`: pip-audit's JSON."""
    try:
        listed: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Outcome("pip-audit", "0 packages", problem=f"nothing was audited: {last_words}")
    done = [package for package in listed if "vulns" in package]
    found = [
        Finding(
            "pip-audit", hole["id"], f"{package['name']} {package['version']}", text=", ".join(hole["fix_versions"])
        )
        for package in done
        for hole in package["vulns"]
    ]
    problem = ""
    if len(done) < len(listed) or not listed:
        problem = (
            f"{len(listed) - len(done)} of {len(listed)} packages were NOT audited: no advisory service answered about "
            "them. That nothing was found means nothing; run it where pip-audit reaches its advisory service."
        )
    return Outcome("pip-audit", f"{len(done)} of {len(listed)} packages", found, problem)


def _run(command: Path | str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    BUILD.mkdir(parents=True, exist_ok=True)
    return subprocess.run([str(command), *arguments], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)


def _last_words(ended: "subprocess.CompletedProcess[str]") -> str:
    lines = (ended.stderr or ended.stdout).strip().splitlines()
    return lines[-1] if lines else f"it ended with status {ended.returncode} and said nothing"
