"""Kinds of events of a request for who calls by telephone; and the provinces of the accounts that are there, in small
batches: accounts know no cities. The constraint is checked while others write. `manage.py fill_accounts`
fills in once more."""

from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import F, Max, Q

from registration.pages.places import CITIES, province_of

BATCH = 1_000
FILL = """
UPDATE accounts_user AS account SET province = known.province
FROM unnest(%s::text[], %s::text[]) AS known (city, province)
WHERE account.id > %s AND account.id <= %s AND account.country = 'IR' AND account.province = ''
AND account.city = known.city
"""
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
    ("caller_code", "A code was sent to a caller"),
    ("caller_verified", "The caller told the right code"),
    ("caller_failed", "The caller did not tell the right code"),
]
OPEN = ["branch", "mismatch"]
STILL = [
    *("viewed", "looked", "reached", "code_sent", "mobile_proved", "asked_again", "answered_again", "sent_again"),
    *("noted", "taken", "handed_back", "handed_over", "caller_code", "caller_verified", "caller_failed"),
]
NAME = "event_kind_agrees_with_statuses"


def fill(apps: Any, schema_editor: Any) -> None:
    cities = sorted(CITIES)
    known = [cities, [province_of(city) for city in cities]]
    last = apps.get_model("accounts", "User").objects.aggregate(last=Max("pk"))["last"] or 0
    with schema_editor.connection.cursor() as cursor:
        for after in range(0, last, BATCH):
            cursor.execute(FILL, [*known, after, after + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registration", "0020_desk_looks"), ("accounts", "0016_desk_provinces")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField("requestevent", "kind", models.CharField("what happened", max_length=16, choices=KINDS)),
        migrations.RemoveConstraint("requestevent", NAME),
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
                name=NAME,
            ),
        ),
        ValidateConstraint("requestevent", NAME),
    ]
