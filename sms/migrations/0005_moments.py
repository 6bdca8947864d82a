"""A message's state is its state, and each of its moments has a column: those of old rows are filled in.

Open rows alone are written, in one transaction: what waits to be sent, and what was accepted in the last two days. The
final rows, which are nearly all of a large table, are not touched: the columns come empty, which takes no time, the
constraints are checked in 0006, and the statements find their rows by partial indexes. Nobody else can use the table
until the end, so the old version must be stopped, as the changelog says.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

OPEN = ["queued", "unknown", "accepted"]
STATES = [
    ("queued", "Waiting"),
    ("unknown", "Perhaps sent, outcome not known"),
    ("accepted", "Sent"),
    ("delivered", "Delivered"),
    ("undelivered", "Not delivered"),
    ("delivery_unknown", "Sent, delivery not known"),
    ("failed", "Failed"),
    ("expired", "Expired"),
    ("cancelled", "Cancelled"),
]


def fill(apps, schema_editor):
    """Nobody holds an unknown outcome, and its first attempt still stands; nobody will ask about a code of that kind."""
    messages = apps.get_model("sms", "Message").objects
    waiting = messages.filter(state="queued")
    unknown = waiting.filter(Q(last_error="unknown") | Q(lease_token=None, first_attempt_at__isnull=False))
    unknown.filter(code_nonce=None).update(state="unknown", ask_at=F("due_at"))
    unknown.update(state="unknown")
    waiting.update(send_at=F("due_at"))
    messages.filter(state="accepted").update(ask_at=F("due_at"))


def empty(apps, schema_editor):
    messages = apps.get_model("sms", "Message").objects
    messages.filter(state="unknown").update(
        state="queued", last_error="unknown", due_at=Coalesce("ask_at", "expires_at", Now())
    )
    messages.filter(send_at__isnull=False).update(due_at=F("send_at"))
    messages.filter(state="accepted").update(due_at=F("ask_at"))


class Migration(migrations.Migration):
    dependencies = [("sms", "0004_field_terms")]
    operations = [
        migrations.AddField("message", "send_at", models.DateTimeField(null=True)),
        migrations.AddField("message", "ask_at", models.DateTimeField(null=True)),
        migrations.AlterField(
            "message", "state", models.CharField(choices=STATES, default="queued", max_length=16)
        ),
        migrations.RemoveConstraint("message", "message_wiped_when_final"),
        migrations.RemoveConstraint("message", "message_accepted_at_iff_accepted"),
        migrations.RunPython(fill, empty),
        AddConstraintNotValid(
            "message",
            models.CheckConstraint(
                condition=Q(state__in=OPEN) | Q(params={}, code_nonce=None), name="message_wiped_when_final"
            ),
        ),
        AddConstraintNotValid(
            "message",
            models.CheckConstraint(
                condition=Q(
                    state__in=["accepted", "delivered", "undelivered", "delivery_unknown"], accepted_at__isnull=False
                )
                | Q(state__in=["queued", "unknown", "failed", "expired", "cancelled"], accepted_at=None),
                name="message_accepted_at_iff_accepted",
            ),
        ),
        AddConstraintNotValid(
            "message",
            models.CheckConstraint(
                condition=Q(state="queued", send_at__isnull=False) | (~Q(state="queued") & Q(send_at=None)),
                name="message_send_at_iff_queued",
            ),
        ),
        AddConstraintNotValid(
            "message",
            models.CheckConstraint(
                condition=Q(state="accepted", ask_at__isnull=False)
                | Q(state="unknown")
                | (~Q(state__in=["unknown", "accepted"]) & Q(ask_at=None)),
                name="message_ask_at_while_asked_about",
            ),
        ),
        migrations.AlterField("message", "send_at", models.DateTimeField(db_default=Now(), null=True)),
    ]
