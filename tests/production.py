"""The environment of a production machine, for tests of what must and must not be in it; and processes that have it."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]

PRODUCTION = {
    "SECRET_KEY": "kD83hfs-Zq02_kfjw8Hslq28sdFKw9fjaL20dkfLsi38fjqpZx82hgQ",
    "DATABASE_URL": "postgresql://portal:kept-to-itself@127.0.0.1:1/portal",
    "REDIS_URL": "redis://:kept-to-itself@127.0.0.1:1/0",
    "PORTAL_HOST": "portal.example.ir",
    "TRUSTED_PROXIES": "10.0.0.2",
    "SECURITY_CONTACT": "mailto:security@example.ir",
    "SMS_BACKEND": "kavenegar",
    "KAVENEGAR_API_KEY": "kept-to-itself",
    "KAVENEGAR_SENDER": "10004346",
    "KAVENEGAR_CODE_TEMPLATE": "portal-code",
    "KAVENEGAR_RESULT_TEMPLATE": "portal-result",
    "IDENTITY_BACKEND": "reference",
    "REFERENCE_REGISTRY_IS_REAL": "on",
}


def environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """PRODUCTION with `changes` (None: not set), and of this process's own environment only what Python needs."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "VIRTUAL_ENV") if name in os.environ}
    chosen = {**PRODUCTION, **(changes or {})}
    return kept | {name: value for name, value in chosen.items() if value is not None}


def manage(
    arguments: Sequence[str], variants: Sequence[Mapping[str, str | None]]
) -> list["subprocess.CompletedProcess[str]"]:
    """`manage.py …` once for each variant of the production environment, all of them at a time."""
    running = [
        subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment(changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for changes in variants
    ]
    ended = []
    for process in running:
        out, err = process.communicate(timeout=120)
        ended.append(subprocess.CompletedProcess(process.args, process.returncode, out, err))
    return ended
