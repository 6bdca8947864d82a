"""Requests that their citizens withdraw, and the note that somebody saw which data do not agree.

Not atomic: what is checked is checked while others write.
"""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import F, Q

OPEN = ["branch", "mismatch"]
STATUSES = [
    ("draft", "Draft"),
    ("submitted", "Being checked"),
    ("activated", "Activated"),
    ("branch", "Waits at the branch"),
    ("mismatch", "Identity does not match"),
    ("expired", "Expired undecided"),
    ("rejected", "Refused"),
    ("superseded", "Replaced by a newer request"),
    ("withdrawn", "Withdrawn by the citizen"),
]
KINDS = [
    ("submitted", "The citizen sent the request"),
    ("decided", "The identity check decided the request"),
    ("expired", "The time for a decision ran out"),
    ("capped", "The day’s checks for this national code were used up"),
    ("superseded", "A newer request took the place of this one"),
    ("withdrawn", "The citizen withdrew the request"),
    ("looked", "The citizen saw which data do not agree"),
    ("documents_seen", "Identity documents were seen"),
    ("first_word", "Documents were seen; a second person must confirm it"),
    ("second_word", "A second person confirmed the documents"),
    ("corrected", "A clerk corrected the data from the documents"),
    ("rejected", "A clerk refused the request"),
    ("account_existed", "An account existed already"),
    ("viewed", "The record was opened"),
    ("noted", "Note"),
    ("taken", "Took the request"),
    ("handed_back", "Handed the request back"),
]
RENEWED = [
    ("registrationrequest", "request_known_status", Q(status__in=[status for status, _ in STATUSES])),
    (
        "registrationrequest",
        "request_secrets_while_open",
        Q(status="draft")
        | (Q(status__in=["submitted", *OPEN]) & ~Q(password_hash="") & ~Q(answers_hash=""))
        | Q(
            status__in=["activated", "expired", "rejected", "superseded", "withdrawn"],
            password_hash="",
            answers_hash="",
        ),
    ),
    (
        "requestevent",
        "event_kind_agrees_with_statuses",
        Q(kind="submitted", from_status="draft", to_status="submitted")
        | Q(kind="decided", from_status="submitted", to_status__in=["activated", *OPEN])
        | Q(kind__in=["expired", "capped"], from_status="submitted", to_status="expired")
        | Q(kind="superseded", from_status__in=OPEN, to_status="superseded")
        | Q(kind="withdrawn", from_status__in=["submitted", *OPEN], to_status="withdrawn")
        | Q(kind="documents_seen", from_status__in=OPEN, to_status="activated")
        | Q(kind__in=["first_word", "corrected"], from_status="mismatch", to_status="mismatch")
        | Q(kind="second_word", from_status="mismatch", to_status="activated")
        | Q(kind="rejected", from_status__in=OPEN, to_status="rejected")
        | Q(kind="account_existed", from_status__in=["submitted", *OPEN], to_status=F("from_status"))
        | Q(kind__in=["viewed", "looked", "noted", "taken", "handed_back"], from_status="", to_status=""),
    ),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registration", "0014_second_word_checked")]
    operations = [
        migrations.AlterField(
            "registrationrequest",
            "status",
            models.CharField("status", max_length=10, choices=STATUSES, default="draft"),
        ),
        migrations.AlterField(
            "requestevent",
            "from_status",
            models.CharField("from", max_length=10, choices=STATUSES, blank=True, default=""),
        ),
        migrations.AlterField(
            "requestevent", "to_status", models.CharField("to", max_length=10, choices=STATUSES, blank=True, default="")
        ),
        migrations.AlterField("requestevent", "kind", models.CharField("what happened", max_length=16, choices=KINDS)),
        *(
            operation
            for model, name, condition in RENEWED
            for operation in (
                migrations.RemoveConstraint(model, name),
                AddConstraintNotValid(model, models.CheckConstraint(condition=condition, name=name)),
                ValidateConstraint(model, name),
            )
        ),
    ]
