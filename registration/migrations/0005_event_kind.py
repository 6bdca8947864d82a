"""What an event says is a kind; the column `reason` keeps a clerk's own words alone."""

from django.db import migrations, models
from django.db.models import Case, F, Q, Value, When

PORTAL_WORDS = {  # what the portal itself wrote into `reason`, for events that are no refusal
    "viewed": "viewed",
    "documents_seen": "documents seen",
    "account_existed": "an account existed already",
}
OPEN = ["branch", "mismatch"]
KINDS = [  # the first that fits; a clerk may have written any words about a refusal
    (Q(to_status="rejected"), "rejected"),
    (Q(to_status="submitted", from_status="draft"), "submitted"),
    (Q(to_status="", reason=PORTAL_WORDS["viewed"]), "viewed"),
    (Q(to_status=F("from_status"), reason=PORTAL_WORDS["account_existed"]), "account_existed"),
    (Q(to_status="activated", reason=PORTAL_WORDS["documents_seen"]), "documents_seen"),
    (Q(to_status__in=["activated", *OPEN], from_status="submitted"), "decided"),
    (Q(to_status="expired"), "expired"),
    (Q(to_status="superseded"), "superseded"),
]


def fill(apps, schema_editor):
    events = apps.get_model("registration", "RequestEvent").objects
    kinds = [When(condition, then=Value(kind)) for condition, kind in KINDS]
    events.update(kind=Case(*kinds, default=Value("")))
    events.filter(kind__in=PORTAL_WORDS).update(reason="")


def restore(apps, schema_editor):
    events = apps.get_model("registration", "RequestEvent").objects
    for kind, words in PORTAL_WORDS.items():
        events.filter(kind=kind).update(reason=words)

class Migration(migrations.Migration):
    dependencies = [("registration", "0004_field_terms")]

    operations = [
        migrations.AddField(
            "requestevent",
            "kind",
            models.CharField(
                "what happened",
                max_length=16,
                default="",
                choices=[
                    ("submitted", "The citizen sent the request"),
                    ("decided", "The identity check decided the request"),
                    ("expired", "The time for a decision ran out"),
                    ("superseded", "A newer request took the place of this one"),
                    ("documents_seen", "Identity documents were seen"),
                    ("rejected", "A clerk refused the request"),
                    ("account_existed", "An account existed already"),
                    ("viewed", "The record was opened"),
                ],
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill, restore),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("requestevent", "reason", "words"),
                migrations.AlterField(
                    "requestevent",
                    "words",
                    models.CharField(
                        "clerk’s words", max_length=300, blank=True, default="", db_column="reason"
                    ),
                ),
            ]
        ),
        migrations.AddConstraint(
            "requestevent",
            models.CheckConstraint(
                condition=Q(kind="submitted", from_status="draft", to_status="submitted")
                | Q(kind="decided", from_status="submitted", to_status__in=["activated", *OPEN])
                | Q(kind="expired", from_status="submitted", to_status="expired")
                | Q(kind="superseded", from_status__in=OPEN, to_status="superseded")
                | Q(kind="documents_seen", from_status__in=OPEN, to_status="activated")
                | Q(kind="rejected", from_status__in=OPEN, to_status="rejected")
                | Q(kind="account_existed", from_status__in=["submitted", *OPEN], to_status=F("from_status"))
                | Q(kind="viewed", from_status="", to_status=""),
                name="event_kind_agrees_with_statuses",
            ),
        ),
        migrations.AddConstraint(
            "requestevent",
            models.CheckConstraint(
                condition=Q(words="") | Q(actor__isnull=False), name="event_words_are_somebodys"
            ),
        ),
    ]
