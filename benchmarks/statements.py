"""What PostgreSQL is asked, counted by itself: every statement goes to its log while we look."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from benchmarks.stack import Services

LINE = re.compile(rb"^(\w*)\|LOG:  (?:statement|execute [^:]*): (.*)", re.MULTILINE)
FRAME = re.compile(rb"(?i)(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b")
CHECK = b"SELECT 1"  # Django's, whether a kept connection still works


@dataclass
class Counted:
    """`asked`: by process, without what only begins and ends transactions or checks the connection (`frame`)."""

    asked: Counter[str]
    frame: Counter[str]


class Watch:
    def __init__(self, services: Services) -> None:
        self._path = services.postgres.log
        self._read = self._path.stat().st_size
        self.total: Counter[str] = Counter()

    def take(self) -> Counted:
        """What was asked since the last time. `total` goes on over all times."""
        with self._path.open("rb") as log:
            log.seek(self._read)
            text = log.read()
        self._read += len(text)
        counted = Counted(Counter(), Counter())
        for process, statement in LINE.findall(text):
            framing = FRAME.match(statement) or statement == CHECK
            (counted.frame if framing else counted.asked)[process.decode()] += 1
        self.total += counted.asked
        return counted


@contextmanager
def watching(services: Services) -> Iterator[Watch]:
    _configure("ALTER SYSTEM SET log_statement = 'all'", "ALTER SYSTEM SET log_line_prefix = '%a|'")
    try:
        yield Watch(services)
    finally:
        _configure("ALTER SYSTEM RESET log_statement", "ALTER SYSTEM RESET log_line_prefix")


def _configure(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in (*statements, "SELECT pg_reload_conf()"):
            cursor.execute(statement)
        cursor.execute("SELECT pg_sleep(0.5)")  # until every process has taken it
    connection.close()
