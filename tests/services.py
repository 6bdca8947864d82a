"""The servers of the tests and their settings, loaded with `-p tests.services` before Django reads any.

One PostgreSQL and one Redis start with the run and end with it, unless DATABASE_URL and REDIS_URL name others. With
pytest-xdist the first process starts them; the workers inherit the addresses. Databases are made per worker by
pytest-django; of Redis each worker has a numbered database of its own.
"""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

from devtools import embedded
from devtools.servers import Server

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tamin_portal.settings",
    "SECRET_KEY": "the-secret-key-of-the-tests-which-protects-nothing-at-all",
    "DEBUG": "off",
    "HTTPS": "off",
    "SMS_BACKEND": "memory",
    "IDENTITY_BACKEND": "reference",
    "STAFF_SECOND_FACTOR": "off",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "PORTAL_HOST": "localhost",
    "LANGUAGE_CODE": "fa",
    "LANG": "C.UTF-8",
}
# What a developer has set for something else must not change what the tests see.
FOREIGN = re.compile(
    "(LIMIT|KAVENEGAR|JIBIT|GSB|WEB)_.+|DATABASE_POOL|TRUSTED_PROXIES|ADMIN_PATH|REGISTRATION_FLOWS|DECISION_HOURS"
    "|NATIONAL_CODE_ALLOW_REPEATED|SECRET_KEY_(FILE|FALLBACKS.*)|(CODES|FACTORS|TOKENS|FINGERPRINTS)_KEY.*|METRICS_TOKEN(_FILE)?|LC_.+|LANGUAGE|TZ"
)


def _configure() -> None:
    for name in [name for name in os.environ if FOREIGN.fullmatch(name)]:
        del os.environ[name]
    os.environ.update(SETTINGS)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        os.environ["REDIS_URL"] = redis_database(os.environ["REDIS_URL"], int(worker.removeprefix("gw")) + 1)
        _use(Path(os.environ["DATA_DIR"], worker))
        return
    directory = Path(tempfile.mkdtemp(prefix="portal-tests-"))
    directory.chmod(0o711)  # PostgreSQL, which never runs as root, must get through to its own directory
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    _use(directory / "data")
    if not _given("DATABASE_URL"):
        _start("DATABASE_URL", embedded.postgres(directory / "postgres", fsync=False))
    if not _given("REDIS_URL"):
        _start("REDIS_URL", embedded.redis(directory / "redis"))


def _use(data: Path) -> None:
    os.environ["DATA_DIR"] = str(data)
    os.environ["SSO_KEYS_FILE"] = str(data / "sso_keys.json")
    (data / "static").mkdir(parents=True)  # whitenoise warns when there is none, and warnings are errors


def _given(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _start(variable: str, server: Server) -> None:
    atexit.register(shutil.rmtree, server.directory.parent, ignore_errors=True)
    atexit.register(server.stop)  # handlers run last in, first out
    server.start()
    os.environ[variable] = server.url


def redis_database(url: str, number: int) -> str:
    """The same server's database with this number: `redis://…/0` → `redis://…/3`."""
    if url.startswith("unix:"):
        return f"{url.partition('?')[0]}?db={number}"
    return re.sub("(?<=[^/])(/[0-9]*)?$", f"/{number}", url, count=1)


_configure()
