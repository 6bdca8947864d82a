"""Make the secrets that only the portal's own containers need, once, and hand each to those that need it.

The first directory keeps them all, for this command and rotate_key.py alone: secret_key and the keys of one purpose
each (KEYS), with what is accepted beside each (`…_fallbacks`); database_password (the superuser's), owner_password,
data_password, redis_password, and the addresses that follow from them. To choose one yourself, or to restore it with a
backup, write its file there before the first start. Under the second directory, each folder is a volume of its own and
gets what HANDED_OUT says; a container mounts the folders that it needs. POSTGRES_ADDRESS and REDIS_ADDRESS in the
environment: where the servers are, if not where the Compose file has them.
"""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import quote

# host:port, as the portal reaches them
POSTGRES = os.environ.get("POSTGRES_ADDRESS") or "postgres:5432"
REDIS = os.environ.get("REDIS_ADDRESS") or "redis:6379"
SUPERUSER, OWNER, DATA = "portal", "portal_owner", "portal_data"  # roles of PostgreSQL, see make_roles.py
KEYS = ("secret_key", "codes_key", "factors_key", "tokens_key", "fingerprints_key")
HANDED_OUT = {  # folder → files in it
    "key": [name for key in KEYS for name in (key, f"{key}_fallbacks")],
    "database": ["database_url"],
    "owner": ["owner_url"],
    "superuser": ["database_password", "superuser_url"],
    "broker": ["redis_url"],
    "redis": ["redis_password"],
}


def main(directory: Path, folders: Path | None = None) -> None:
    make_keys(directory)
    passwords = {
        role: keep(directory / f"{name}_password", secrets.token_urlsafe(32))
        for role, name in ((SUPERUSER, "database"), (OWNER, "owner"), (DATA, "data"))
    }
    redis = keep(directory / "redis_password", secrets.token_urlsafe(32))
    for role, name in ((SUPERUSER, "superuser_url"), (OWNER, "owner_url"), (DATA, "data_url")):
        follow(directory / name, f"postgresql://{role}:{quote(passwords[role], safe='')}@{POSTGRES}/portal")
    follow(directory / "redis_url", f"redis://:{quote(redis, safe='')}@{REDIS}/0")
    if folders:
        hand_out(directory, folders)


def make_keys(directory: Path) -> None:
    """An older installation goes on with one for all; rotate_key.py gives a purpose its own."""
    is_new = not (directory / "secret_key").exists()
    for key in KEYS:
        keep(directory / key, new_key() if is_new else "")
        keep(directory / f"{key}_fallbacks", "")


def hand_out(directory: Path, folders: Path) -> None:
    for folder, names in HANDED_OUT.items():
        for name in names:
            kept = directory / name.replace("database_url", "data_url")
            follow(folders / folder / name, kept.read_text(encoding="ascii"))


def new_key() -> str:
    return secrets.token_urlsafe(64)


def keep(path: Path, value: str) -> str:
    """What the file holds; the value is written when there is no file."""
    if not path.exists():
        follow(path, value)
    return path.read_text(encoding="ascii").strip()


def follow(path: Path, value: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(value, encoding="ascii")
    partial.chmod(0o444)  # PostgreSQL and Redis read theirs as other users; the volume is mounted where it is needed
    partial.rename(path)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
