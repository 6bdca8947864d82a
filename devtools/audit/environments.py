"""Environments beside .venv, from hashed lock files, under build/audit: the scanners', and the benchmarks' peers'."""

import shutil
import subprocess
import sys
from pathlib import Path

from devtools.audit.findings import BUILD, ROOT

BUILDERS = "requirements-build.txt"


def environment(group: str) -> Path:
    """The directory with the commands of requirements-<group>.txt, installed when it is not there or another."""
    directory, lock = BUILD / f"venv-{group}", ROOT / f"requirements-{group}.txt"
    installed = directory / lock.name
    wanted = lock.read_text("ascii")
    if installed.exists() and installed.read_text("ascii") == wanted:
        return directory / "bin"
    print(f"Installing {lock.name} into {directory.relative_to(ROOT)}; this takes a minute, once.", flush=True)
    shutil.rmtree(directory, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(directory)], check=True)
    pip = [str(directory / "bin" / "python"), "-m", "pip", "install", "--quiet", "--quiet", "--progress-bar", "off"]
    pip += ["--disable-pip-version-check", "--require-hashes", "--no-deps", "--requirement"]
    subprocess.run([*pip, str(ROOT / BUILDERS)], check=True)
    subprocess.run([*pip, str(lock), "--use-pep517", "--no-build-isolation"], check=True)
    installed.write_text(wanted, "ascii")
    return directory / "bin"
