"""`manage.py sso_keys`: the keys by which ID tokens are signed: made and announced, used, retired."""

import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from joserfc.jwk import ECKey, KeyParameters, RSAKey

from sso import keys
from sso.models import ALGORITHMS

ACTS = ("list", "make", "use", "retire")
TOO_EARLY = (
    "{kid} was announced less than a day ago: services that keep the JWKS would refuse what it signs. --now forces it."
)
STILL_NEEDED = (
    "Another key signs for {alg} for less than a day: tokens of {kid} are still shown by services. --now forces it."
)


class Command(BaseCommand):
    help = (
        "make: a new key for each algorithm, announced in the JWKS; the first ones sign at once. use KID: it signs "
        "from now on, a day after it was announced. retire KID: it leaves the file, a day after another one signs. "
        "The file is the one that SSO_KEYS_FILE names; every process notices within a minute."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=ACTS)
        parser.add_argument("kid", nargs="?", help="the key's name, as `list` shows it")
        parser.add_argument("--now", action="store_true", help="do not wait for a day")

    def handle(self, *args: Any, act: str, kid: str | None, now: bool, **options: Any) -> None:
        if not settings.SSO_KEYS_FILE:
            raise CommandError("SSO_KEYS_FILE: the path of the file that holds the keys.")
        if (act in ("use", "retire")) != bool(kid):
            raise CommandError("use and retire need the name of a key, the others none.")
        path = Path(settings.SSO_KEYS_FILE)
        held = _held(path)
        if act == "make":
            _write(path, [*held, *(_made(name, held) for name in ALGORITHMS)])
        elif kid:
            found = next((key for key in held if key["kid"] == kid), None)
            if found is None:
                raise CommandError("There is no such key.")
            _write(path, _used(held, found, now) if act == "use" else _retired(held, found, now))
        self._show(_held(path))

    def _show(self, held: list[dict[str, Any]]) -> None:
        for key in held:
            signing = keys.in_use(held, key["alg"])
            state = "signs" if signing is key else "was used" if key["used_from"] else "announced"
            self.stdout.write(f"{key['alg']}  {key['kid']}  {state}  since {key['used_from'] or key['announced_at']}")


def _held(path: Path) -> list[dict[str, Any]]:
    try:
        return keys.read(path)
    except FileNotFoundError:
        return []
    except (OSError, ValueError):
        raise CommandError("SSO_KEYS_FILE: a file that this command has written, and may read and write.") from None


def _made(algorithm: str, held: list[dict[str, Any]]) -> dict[str, Any]:
    # Not the thumbprint: that may begin with a dash, and a command line takes it for an option.
    marks: KeyParameters = {"use": "sig", "alg": algorithm, "kid": secrets.token_hex(16)}
    made: RSAKey | ECKey = (
        RSAKey.generate_key(2048, marks) if algorithm == "RS256" else ECKey.generate_key("P-256", marks)
    )
    now = timezone.now().isoformat()
    first = keys.in_use(held, algorithm) is None
    return {**made.as_dict(private=True), "announced_at": now, "used_from": now if first else None}


def _used(held: list[dict[str, Any]], key: dict[str, Any], now: bool) -> list[dict[str, Any]]:
    if not now and _age(key["announced_at"]) < keys.ANNOUNCED_FOR:
        raise CommandError(TOO_EARLY.format(**key))
    return [{**one, "used_from": timezone.now().isoformat()} if one is key else one for one in held]


def _retired(held: list[dict[str, Any]], key: dict[str, Any], now: bool) -> list[dict[str, Any]]:
    signing = keys.in_use(held, key["alg"])
    if signing is key:
        raise CommandError("This key signs: use another one first.")
    if not now and key["used_from"] and signing and _age(signing["used_from"]) < keys.KEPT_FOR:
        raise CommandError(STILL_NEEDED.format(**key))
    return [one for one in held if one is not key]


def _age(moment: str) -> timedelta:
    return timezone.now() - datetime.fromisoformat(moment)


def _write(path: Path, held: list[dict[str, Any]]) -> None:
    """Whole or not at all; readable by its owner alone, as the file before it if there was one."""
    partial = path.with_name(f"{path.name}.partial")
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="ascii") as file:
            json.dump({"keys": held}, file)
        partial.replace(path)
    except OSError as error:
        raise CommandError(f"SSO_KEYS_FILE: the file could not be written ({error.strerror}).") from None
