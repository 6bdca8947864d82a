"""The constraints of 0013, checked, and the index of the desk's list, without a lock that anybody would wait for."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

MAKE = """
CREATE INDEX CONCURRENTLY event_first_word ON registration_requestevent (request_id) WHERE kind = 'first_word'
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registration", "0013_second_word")]
    operations = [
        ValidateConstraint("requestevent", "event_kind_agrees_with_statuses"),
        ValidateConstraint("requestevent", "event_changes_are_of_corrections"),
        migrations.RunSQL(
            MAKE,
            "DROP INDEX event_first_word",  # at once: the way back may be one transaction
            state_operations=[
                migrations.AddIndex(
                    "requestevent", models.Index("request", name="event_first_word", condition=Q(kind="first_word"))
                ),
            ],
        ),
    ]
