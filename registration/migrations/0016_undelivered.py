"""Requests whose result did not arrive. The column comes with a constant default, which takes no time; not atomic, so that
the index is made while others write."""

from django.db import migrations, models
from django.db.models import Q

MAKE = """
CREATE INDEX CONCURRENTLY request_undelivered ON registration_registrationrequest (id DESC) WHERE undelivered
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registration", "0015_withdrawn")]
    operations = [
        migrations.AddField(
            "registrationrequest",
            "undelivered",
            models.BooleanField("result did not arrive", default=False, db_default=False),
        ),
        migrations.RunSQL(
            MAKE,
            "DROP INDEX request_undelivered",  # at once: the way back may be one transaction
            state_operations=[
                migrations.AddIndex(
                    "registrationrequest",
                    models.Index(fields=["-id"], name="request_undelivered", condition=Q(undelivered=True)),
                ),
            ],
        ),
    ]
