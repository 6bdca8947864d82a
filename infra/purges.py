"""When each app has last deleted its old rows: noted by whoever does it, read for the metrics.

The table is sms.models.Heartbeat; nothing of the field is in it.
"""

from django.db import connection

# App → the name of the row that says when it was done last; beside those of the queues.
NAMES = {
    "accounts": "purge accounts",
    "registration": "purge requests",
    "sms": "purge messages",
    "sso": "purge services",
}
_NOTE = """
INSERT INTO sms_heartbeat (queue, at) VALUES (%s, statement_timestamp())
ON CONFLICT (queue) DO UPDATE SET at = EXCLUDED.at
"""
_AGES = "SELECT queue, extract(epoch FROM statement_timestamp() - at) FROM sms_heartbeat WHERE queue = ANY(%s)"


def done(app: str) -> None:
    """All old rows of this app are deleted now."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [NAMES[app]])


def ages() -> dict[str, int | None]:
    """Seconds since the old rows of each app were last deleted; None: never."""
    with connection.cursor() as cursor:
        cursor.execute(_AGES, [list(NAMES.values())])
        seen = dict(cursor.fetchall())
    return {app: round(seen[name]) if name in seen else None for app, name in NAMES.items()}
