"""What a scanner found, and which of it devtools/audit/triage.toml explains."""

import hashlib
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TRIAGE = Path(__file__).with_name("triage.toml")
BUILD = ROOT / "build" / "audit"  # reports, environments of the scanners


@dataclass(frozen=True)
class Finding:
    """`where`: a file, or a method and an address. `line`: the text of the line, or the parameter; not its number."""

    tool: str
    rule: str
    where: str
    line: str = ""
    number: int = 0
    text: str = ""

    @property
    def mark(self) -> str:
        """The finding's name in the triage; another one as soon as rule, place or the line's text changes."""
        whole = "\0".join((self.tool, self.rule, self.where, self.line.strip()))
        return hashlib.sha256(whole.encode()).hexdigest()[:10]


@dataclass
class Outcome:
    """What one scanner came to. `problem`: why its silence means nothing; empty if it did its work."""

    tool: str
    looked_at: str
    findings: list[Finding] = field(default_factory=list)
    problem: str = ""


def triage() -> dict[str, str]:
    """Mark of a finding → why it stays."""
    known: dict[str, str] = {}
    for entry in tomllib.loads(TRIAGE.read_text("utf-8"))["accepted"]:
        known |= dict.fromkeys(entry["marks"], entry["why"])
    return known


def report(outcomes: Sequence[Outcome]) -> int:
    """Print the tables. Exit status: 0 all done and explained, 1 something is open, 2 something was not looked at."""
    known = triage()
    rows = []
    for outcome in outcomes:
        still = [finding for finding in outcome.findings if finding.mark not in known]
        verdict = (
            "NOT DONE" if outcome.problem else "open" if still else "all explained" if outcome.findings else "none"
        )
        rows.append((outcome.tool, outcome.looked_at, str(len(outcome.findings)), str(len(still)), verdict))
    table(("scanner", "looked at", "findings", "open", "verdict"), rows)
    found = {finding.mark: finding for outcome in outcomes for finding in outcome.findings}
    if unexplained := [finding for mark, finding in found.items() if mark not in known]:
        print(f"\nOpen: mend it, or explain it in {TRIAGE.relative_to(ROOT)}.")
        table(("mark", "scanner", "rule", "where", "what"), [_row(finding) for finding in unexplained])
    for outcome in outcomes:
        if outcome.problem:
            print(f"\n{outcome.tool}: {outcome.problem}")
    if any(outcome.problem for outcome in outcomes):
        return 2
    return 1 if unexplained else 0


def _row(finding: Finding) -> tuple[str, ...]:
    where = f"{finding.where}:{finding.number}" if finding.number else finding.where
    return finding.mark, finding.tool, finding.rule, where, finding.text or finding.line


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [tuple(head), *(tuple(cell[:70] for cell in row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def source_line(path: str, number: int) -> str:
    lines = (ROOT / path).read_text("utf-8", errors="replace").splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def by_file(tool: str, found: Iterable[dict[str, Any]]) -> list[Finding]:
    """Findings of a scanner of files: dictionaries with `rule`, `path`, `number`, `text`."""
    return [
        Finding(tool, one["rule"], one["path"], source_line(one["path"], one["number"]), one["number"], one["text"])
        for one in found
    ]
