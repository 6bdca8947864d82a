"""Make the secrets that only the portal's own containers need, once: they stay in their volume and nobody has to know.

Files of the directory given: secret_key, database_password, database_url, redis_password, redis_url. To choose one
yourself, or to restore it with a backup, write its file before the first start. The others follow from it.
"""

import secrets
import sys
from pathlib import Path
from urllib.parse import quote


def main(directory: Path) -> None:
    keep(directory / "secret_key", secrets.token_urlsafe(64))
    database = keep(directory / "database_password", secrets.token_urlsafe(32))
    redis = keep(directory / "redis_password", secrets.token_urlsafe(32))
    keep(directory / "database_url", f"postgresql://portal:{quote(database, safe='')}@postgres:5432/portal")
    keep(directory / "redis_url", f"redis://:{quote(redis, safe='')}@redis:6379/0")


def keep(path: Path, value: str) -> str:
    """What the file holds; the value is written when there is no file."""
    if not path.exists():
        partial = path.with_suffix(".partial")
        partial.write_text(value, encoding="ascii")
        partial.chmod(0o444)  # PostgreSQL and Redis read theirs as other users; the volume is mounted nowhere else
        partial.rename(path)
    return path.read_text(encoding="ascii").strip()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
