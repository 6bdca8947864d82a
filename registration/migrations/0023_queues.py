"""The desk's queues of few rows among many are columns with an index each, and no more sought through all events.

Indexes are made and dropped while others write; on the way back, which may be one transaction, at once.
"""

from django.db import migrations, models
from django.db.models import Q

from infra.migrating import BuildIndex

REQUEST, EVENT = "registrationrequest", "requestevent"
TABLE = "registration_{}"
FILL = """
UPDATE registration_registrationrequest SET capped = true
WHERE status = 'expired' AND NOT capped
AND id IN (SELECT request_id FROM registration_requestevent WHERE kind = 'capped');
UPDATE registration_registrationrequest SET awaits_second = true
WHERE status = 'mismatch' AND NOT awaits_second AND id IN (
    SELECT word.request_id FROM registration_requestevent AS word WHERE word.kind = 'first_word' AND NOT EXISTS (
        SELECT FROM registration_requestevent AS later
        WHERE later.request_id = word.request_id AND later.id > word.id AND later.kind = 'corrected'
    )
)
"""
QUEUES, PLACES = ("undelivered", "awaits_second", "capped"), {"at": (), "in": ("province",)}
OVER = {  # index → model, columns, condition
    "request_undelivered": (REQUEST, "id DESC", "undelivered"),
    "event_first_word": (EVENT, "request_id", "kind = 'first_word'"),
    "event_capped": (EVENT, "request_id", "kind = 'capped'"),
}


def made(queue: str, end: str) -> BuildIndex:
    columns, name = (*PLACES[end], "status", "submitted_at", "id"), f"request_{queue}_{end}"
    return BuildIndex(REQUEST, models.Index(*columns, name=name, condition=Q((queue, True))))


def dropped(name: str) -> migrations.RunSQL:
    model, columns, condition = OVER[name]
    return migrations.RunSQL(
        f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
        f"CREATE INDEX {name} ON {TABLE.format(model)} ({columns}) WHERE {condition}",
        state_operations=[migrations.RemoveIndex(model, name)],
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registration", "0022_checked_and_came_from")]
    operations = [
        *(
            migrations.AddField(REQUEST, name, models.BooleanField(default=False, db_default=False, editable=False))
            for name in ("awaits_second", "capped")
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        *(made(queue, end) for queue in QUEUES for end in PLACES),
        *(dropped(name) for name in OVER),
    ]
