"""`make outdated`: which locked packages are behind the newest patch of their series, and which newer ones would fit.

uv resolves anew what the lock files hold: once with every package kept to its series (for 5.2.19: 5.2.x), once with
what pyproject.toml allows. Exit status: 0 nothing is behind its newest patch, 1 something is, 2 nobody could be asked.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from devtools.audit.environments import environment
from devtools.audit.findings import table
from devtools.sbom import ROOT, locked

LOCK = "requirements-dev.txt"  # holds what production installs, too
UNREACHABLE = "Nothing was compared: the package index did not answer. This says nothing about any package."


def series(version: str) -> str:
    """What a package is kept to: 5.2.19 → `>=5.2.19,<5.3`; 33.1 and 24 have no patches, they stay."""
    found = re.match(r"([0-9]+)\.([0-9]+)\.[0-9]", version)
    return f">={version},<{found[1]}.{int(found[2]) + 1}" if found else f"=={version}"


def newest(uv: Path, work: Path, kept: dict[str, str] | None) -> dict[str, str] | None:
    """What would be locked today, within the series of what is `kept`; None if the index did not answer."""
    command = [str(uv), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-header"]
    command += ["--no-annotate", "--no-emit-index-url", "--extra", "dev", "--upgrade"]
    command += ["--cache-dir", str(work / "cache")]
    if kept is not None:
        (work / "kept.txt").write_text("".join(f"{name}{series(version)}\n" for name, version in kept.items()), "ascii")
        command += ["--constraint", str(work / "kept.txt")]
    target = work / "now.txt"
    target.unlink(missing_ok=True)
    ended = subprocess.run(
        [*command, "pyproject.toml", "--output-file", str(target)], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    if ended.returncode:
        print(ended.stderr.strip()[-600:], file=sys.stderr)
        return None
    return locked(target)


def compare(present: dict[str, str], patched: dict[str, str], allowed: dict[str, str]) -> tuple[list[list[str]], int]:
    """Rows of the table, and how many packages are behind their newest patch."""
    rows, behind = [], 0
    for name, version in sorted(present.items()):
        patch, newer = patched.get(name, version), allowed.get(name, version)
        if patch != version or newer != version:
            rows.append([name, version, patch if patch != version else "–", newer if newer != version else "–"])
            behind += patch != version
    return rows, behind


def main() -> int:
    uv = environment("audit") / "uv"
    present = {name: version for name, version in locked(ROOT / LOCK).items() if " " not in version}
    work = Path(tempfile.mkdtemp(prefix="portal-outdated-"))
    try:
        patched, allowed = newest(uv, work, present), newest(uv, work, None)
    finally:
        shutil.rmtree(work)
    if patched is None or allowed is None:
        print(UNREACHABLE, file=sys.stderr)
        return 2
    rows, behind = compare(present, patched, allowed)
    if rows:
        table(("package", "locked", "newest patch", "newest that fits"), rows)
    print(f"{len(present)} packages, {behind} behind their newest patch, {len(rows)} have a newer version that fits.")
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main())
