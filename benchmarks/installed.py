"""The environment that the peers run in (requirements-peers.txt): installed when it is not there, apart from .venv."""

import contextlib
import subprocess
import sys
from functools import cache
from pathlib import Path

from devtools.audit.environments import environment


@cache
def python_of_peers() -> Path | None:
    """None if it cannot be installed; pip has then said why. Ask before the environment variables are ours."""
    with contextlib.redirect_stdout(sys.stderr):  # standard output is for tables
        try:
            return environment("peers") / "python"
        except (OSError, subprocess.CalledProcessError) as problem:
            print(problem, file=sys.stderr)  # noqa: T201
            return None
