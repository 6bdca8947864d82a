"""Codes that open a request on the tracking page; what is needed to follow a result up that did not arrive.

Not atomic: rows are checked, and the index is made, while others write.
"""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

CODES = {
    "registration": "Registration",
    "recovery": "Password recovery",
    "device": "Sign-in on a new device",
    "mobile_change": "Change of mobile",
    "reauthentication": "Change in the account",
    "request": "Request that was sent",
    "desk": "Branch desk",
}
RESULTS = {"result": "Result of a request", "desk_decision": "Decision of a branch", "result_again": "Result, once more"}
ALL = CODES | RESULTS | {"notice": "Notice"}
NOT_REACHED = Q(state__in=["failed", "undelivered", "expired"], purpose__in=list(RESULTS), followed_up_at=None)
MAKE = """
CREATE INDEX CONCURRENTLY message_not_reached ON sms_message (id)
WHERE state IN ('failed', 'undelivered', 'expired') AND purpose IN ('result', 'desk_decision', 'result_again')
  AND followed_up_at IS NULL
"""
RENEWED = {
    "message_code_has_purpose_and_end": Q(code_nonce=None) | Q(purpose__in=list(CODES), expires_at__isnull=False),
    "message_only_codes_by_voice": Q(by_voice=False) | Q(purpose__in=list(CODES)),
    "message_decision_has_reference": ~Q(purpose__in=list(RESULTS)) | ~Q(reference=""),
}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sms", "0011_began")]
    operations = [
        migrations.AlterField("otpchallenge", "purpose", models.CharField(choices=list(CODES.items()), max_length=16)),
        migrations.AlterField("message", "purpose", models.CharField(choices=list(ALL.items()), max_length=16)),
        migrations.AddField(
            "message",
            "followed_up_at",
            models.DateTimeField(
                null=True, help_text="When its cause learnt that it did not arrive; of results of requests alone."
            ),
        ),
        *(
            operation
            for name, condition in RENEWED.items()
            for operation in (
                migrations.RemoveConstraint("message", name),
                AddConstraintNotValid("message", models.CheckConstraint(condition=condition, name=name)),
                ValidateConstraint("message", name),
            )
        ),
        migrations.RunSQL(
            MAKE,
            "DROP INDEX message_not_reached",  # at once: the way back may be one transaction
            state_operations=[
                migrations.AddIndex("message", models.Index("id", name="message_not_reached", condition=NOT_REACHED))
            ],
        ),
        migrations.RunSQL(
            "CREATE UNIQUE INDEX CONCURRENTLY message_one_repeat_per_request ON sms_message (reference) "
            "WHERE purpose = 'result_again'",
            "DROP INDEX message_one_repeat_per_request",
            state_operations=[
                migrations.AddConstraint(
                    "message",
                    models.UniqueConstraint(
                        "reference", condition=Q(purpose="result_again"), name="message_one_repeat_per_request"
                    ),
                )
            ],
        ),
    ]
