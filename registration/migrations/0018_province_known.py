"""The provinces of the requests that are there, in batches; the indexes of the desk's lists, and the constraint of
0017, without a lock that anybody would wait for."""

from typing import Any

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models
from django.db.models import Max

from registration.pages.places import CITIES, province_of

BATCH = 10_000
FILL = """
UPDATE registration_registrationrequest AS request SET province = known.province
FROM unnest(%s::text[], %s::text[]) AS known (city, province)
WHERE request.id > %s AND request.id <= %s AND request.country = 'IR' AND request.province = ''
AND request.city = known.city
"""
TABLE = "registration_registrationrequest"
# name → what stands after the table's name
MADE = {
    "request_status_at": "(status, submitted_at, id)",
    "request_province_at": "(province, status, submitted_at, id)",
    "request_city_at": "(city, status, submitted_at, id)",
    "request_due_again": "(due_at) WHERE asking_again",
    "request_province_name": "(province varchar_ops, last_name_key varchar_pattern_ops)",
}
CAPPED = models.Q(kind="capped")
DROPPED = {
    "request_status": "(status, id DESC)",
    "request_open": "(submitted_at, id) WHERE status IN ('branch', 'mismatch')",
}
INDEXES = {
    "request_status_at": models.Index("status", "submitted_at", "id", name="request_status_at"),
    "request_province_at": models.Index("province", "status", "submitted_at", "id", name="request_province_at"),
    "request_city_at": models.Index("city", "status", "submitted_at", "id", name="request_city_at"),
    "request_due_again": models.Index("due_at", name="request_due_again", condition=models.Q(asking_again=True)),
    "request_province_name": models.Index(
        fields=["province", "last_name_key"],
        opclasses=["varchar_ops", "varchar_pattern_ops"],
        name="request_province_name",
    ),
}


def fill(apps: Any, schema_editor: Any) -> None:
    cities = sorted(CITIES)
    known = [cities, [province_of(city) for city in cities]]
    last = apps.get_model("registration", "RegistrationRequest").objects.aggregate(last=Max("pk"))["last"] or 0
    with schema_editor.connection.cursor() as cursor:
        for after in range(0, last, BATCH):
            cursor.execute(FILL, [*known, after, after + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registration", "0017_province")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        ValidateConstraint("requestevent", "event_kind_agrees_with_statuses"),
        ValidateConstraint("requestevent", "event_colleague_is_of_handing_over"),
        *(
            migrations.RunSQL(
                f"CREATE INDEX CONCURRENTLY {name} ON {TABLE} {columns}",
                f"DROP INDEX {name}",  # at once: the way back may be one transaction
                state_operations=[migrations.AddIndex("registrationrequest", INDEXES[name])],
            )
            for name, columns in MADE.items()
        ),
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY event_capped ON registration_requestevent (request_id) WHERE kind = 'capped'",
            "DROP INDEX event_capped",
            state_operations=[
                migrations.AddIndex("requestevent", models.Index("request", name="event_capped", condition=CAPPED))
            ],
        ),
        *(
            migrations.RunSQL(
                f"DROP INDEX CONCURRENTLY {name}",
                f"CREATE INDEX {name} ON {TABLE} {columns}",
                state_operations=[migrations.RemoveIndex("registrationrequest", name)],
            )
            for name, columns in DROPPED.items()
        ),
    ]
