"""The desk's queues of few rows among many are columns with an index each, and no more sought through all events.

Indexes are made while others write.
"""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

REQUEST, EVENT = "registrationrequest", "requestevent"
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
INDEXES = [
    models.Index(*place, "status", "submitted_at", "id", name=f"request_{queue}_{end}", condition=Q((queue, True)))
    for queue in ("undelivered", "awaits_second", "capped")
    for place, end in (((), "at"), (("province",), "in"))
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registration", "0022_checked_and_came_from")]
    operations = [
        *(
            migrations.AddField(
                REQUEST, name, models.BooleanField(default=False, db_default=False, editable=False)
            )
            for name in ("awaits_second", "capped")
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        *(AddIndexConcurrently(REQUEST, index) for index in INDEXES),
        RemoveIndexConcurrently(REQUEST, "request_undelivered"),
        RemoveIndexConcurrently(EVENT, "event_first_word"),
        RemoveIndexConcurrently(EVENT, "event_capped"),
    ]
