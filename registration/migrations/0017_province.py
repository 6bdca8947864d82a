"""Whose list a request is on: its province; and what staff do about it at their desk: kinds of events."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

OPEN = ["branch", "mismatch"]
STILL = [
    *("viewed", "looked", "reached", "code_sent", "mobile_proved", "asked_again", "answered_again", "sent_again"),
    *("noted", "taken", "handed_back", "handed_over"),
]


class Migration(migrations.Migration):
    dependencies = [("registration", "0016_undelivered")]
    operations = [
        migrations.AlterModelOptions(
            "registrationrequest",
            {
                "permissions": [
                    ("decide_registrationrequest", "Can activate or refuse requests"),
                    ("confirm_registrationrequest", "Can give the second word about a request"),
                    ("everywhere_registrationrequest", "Can see the requests of every province"),
                ],
                "verbose_name": "registration request",
                "verbose_name_plural": "registration requests",
            },
        ),
        migrations.AddField(
            "registrationrequest",
            "province",
            models.CharField("province", max_length=60, blank=True, default="", db_default=""),
        ),
        migrations.AddField(
            "registrationrequest", "asking_again", models.BooleanField(default=False, db_default=False, editable=False)
        ),
        migrations.AddField(
            "requestevent",
            "colleague",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                models.PROTECT,
                null=True,
                db_index=False,
                related_name="+",
                verbose_name="to whom",
            ),
        ),
        AddConstraintNotValid(
            "requestevent",
            models.CheckConstraint(
                condition=Q(kind="handed_over", colleague__isnull=False)
                | (~Q(kind="handed_over") & Q(colleague__isnull=True)),
                name="event_colleague_is_of_handing_over",
            ),
        ),
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
                    ("withdrawn", "The citizen withdrew the request"),
                    ("looked", "The citizen saw which data do not agree"),
                    ("documents_seen", "Identity documents were seen"),
                    ("first_word", "Documents were seen; a second person must confirm it"),
                    ("second_word", "A second person confirmed the documents"),
                    ("corrected", "A clerk corrected the data from the documents"),
                    ("rejected", "A clerk refused the request"),
                    ("account_existed", "An account existed already"),
                    ("viewed", "The record was opened"),
                    ("reached", "The record was opened from another province"),
                    ("code_sent", "A code was sent to the mobile"),
                    ("mobile_proved", "The code from the mobile was right"),
                    ("asked_again", "The registry is asked again"),
                    ("answered_again", "The registry answered once more"),
                    ("sent_again", "The result was sent again"),
                    ("noted", "Note"),
                    ("taken", "Took the request"),
                    ("handed_back", "Handed the request back"),
                    ("handed_over", "Handed the request over"),
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
                | Q(kind="withdrawn", from_status__in=["submitted", *OPEN], to_status="withdrawn")
                | Q(kind="documents_seen", from_status__in=OPEN, to_status="activated")
                | Q(kind__in=["first_word", "corrected"], from_status="mismatch", to_status="mismatch")
                | Q(kind="second_word", from_status="mismatch", to_status="activated")
                | Q(kind="rejected", from_status__in=OPEN, to_status="rejected")
                | Q(kind="account_existed", from_status__in=["submitted", *OPEN], to_status=F("from_status"))
                | Q(kind__in=STILL, from_status="", to_status=""),
                name="event_kind_agrees_with_statuses",
            ),
        ),
    ]
