"""A request may end because the day's checks of its person were used up: a kind of event of its own."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

OPEN = ["branch", "mismatch"]


class Migration(migrations.Migration):
    dependencies = [("registration", "0005_event_kind")]
    operations = [
        migrations.AlterField(
            "requestevent",
            "kind",
            models.CharField(
                "what happened",
                max_length=16,
                choices=[
                    ("submitted", "The citizen sent the request"),
                    ("decided", "The identity check decided the request"),
                    ("expired", "The time for a decision ran out"),
                    ("capped", "The day’s checks for this national code were used up"),
                    ("superseded", "A newer request took the place of this one"),
                    ("documents_seen", "Identity documents were seen"),
                    ("rejected", "A clerk refused the request"),
                    ("account_existed", "An account existed already"),
                    ("viewed", "The record was opened"),
                ],
            ),
        ),
        migrations.RemoveConstraint("requestevent", "event_kind_agrees_with_statuses"),
        AddConstraintNotValid(
            "requestevent",
            models.CheckConstraint(
                condition=Q(kind="submitted", from_status="draft", to_status="submitted")
                | Q(kind="decided", from_status="submitted", to_status__in=["activated", *OPEN])
                | Q(kind__in=["expired", "capped"], from_status="submitted", to_status="expired")
                | Q(kind="superseded", from_status__in=OPEN, to_status="superseded")
                | Q(kind="documents_seen", from_status__in=OPEN, to_status="activated")
                | Q(kind="rejected", from_status__in=OPEN, to_status="rejected")
                | Q(kind="account_existed", from_status__in=["submitted", *OPEN], to_status=F("from_status"))
                | Q(kind="viewed", from_status="", to_status=""),
                name="event_kind_agrees_with_statuses",
            ),
        ),
    ]
