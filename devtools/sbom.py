"""`make sbom`: what the portal consists of, as CycloneDX 1.6 JSON, one file for each hashed lock file, in build/sbom.

`requirements.json` is what production installs. Made by cyclonedx-py, which needs no network; the same lock gives the
same file. Not in it: the operating system of the images (docker-compose.yml, Dockerfile), and what is in the repository
itself with its licence beside it (font, word list, names of places).
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.txt", "requirements-build.txt", "requirements-dev.txt")


def locked(lock: Path) -> dict[str, str]:
    """Name → version of every package in a lock file; of a package with several versions, all, separated by spaces."""
    found: dict[str, str] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", lock.read_text("ascii"), re.MULTILINE):
        found[name] = f"{found[name]} {version}" if name in found else version
    return found


def make(lock: Path, target: Path) -> int:
    """Write the bill of materials of `lock`; returns how many components it lists. Raises CalledProcessError."""
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", "requirements", str(lock)]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), "--spec-version", "1.6", "--output-reproducible"]
    subprocess.run([*command, "--output-format", "JSON", "--output-file", str(target)], check=True)
    return len(json.loads(target.read_text("utf-8"))["components"])


def main() -> int:
    directory = ROOT / "build" / "sbom"
    directory.mkdir(parents=True, exist_ok=True)
    complete = True
    for name in LOCKS:
        lock = ROOT / name
        target = (directory / name).with_suffix(".json")
        listed, packages = make(lock, target), sum(len(versions.split()) for versions in locked(lock).values())
        complete = complete and listed == packages
        print(f"{target.relative_to(ROOT)}: {listed} components of {packages} locked packages")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
