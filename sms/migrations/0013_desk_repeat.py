"""Results that a branch sends once more, found by their request. Not atomic: the index is made while others write."""

from django.db import migrations, models
from django.db.models import Q

PURPOSES = [
    ("registration", "Registration"),
    ("recovery", "Password recovery"),
    ("device", "Sign-in on a new device"),
    ("mobile_change", "Change of mobile"),
    ("reauthentication", "Change in the account"),
    ("request", "Request that was sent"),
    ("desk", "Branch desk"),
    ("result", "Result of a request"),
    ("desk_decision", "Decision of a branch"),
    ("result_again", "Result, once more"),
    ("desk_repeat", "Result, sent again by a branch"),
    ("notice", "Notice"),
]
MAKE = "CREATE INDEX CONCURRENTLY message_desk_repeat ON sms_message (reference) WHERE purpose = 'desk_repeat'"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sms", "0012_requests")]
    operations = [
        migrations.AlterField("message", "purpose", models.CharField(choices=PURPOSES, max_length=16)),
        migrations.RunSQL(
            MAKE,
            "DROP INDEX message_desk_repeat",  # at once: the way back may be one transaction
            state_operations=[
                migrations.AddIndex(
                    "message",
                    models.Index("reference", name="message_desk_repeat", condition=Q(purpose="desk_repeat")),
                )
            ],
        ),
    ]
