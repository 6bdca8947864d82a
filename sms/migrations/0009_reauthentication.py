"""Codes that are asked for before what protects an account is changed. 0010 checks the rows."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

CODES = {
    "registration": "Registration",
    "recovery": "Password recovery",
    "device": "Sign-in on a new device",
    "mobile_change": "Change of mobile",
    "reauthentication": "Change in the account",
    "desk": "Branch desk",
}
OTHERS = {"result": "Result of a request", "desk_decision": "Decision of a branch", "notice": "Notice"}
ALL = CODES | OTHERS


class Migration(migrations.Migration):
    dependencies = [("sms", "0008_indexes_of_allowances")]
    operations = [
        migrations.AlterField("otpchallenge", "purpose", models.CharField(choices=list(CODES.items()), max_length=16)),
        migrations.AlterField("message", "purpose", models.CharField(choices=list(ALL.items()), max_length=16)),
        migrations.RemoveConstraint("message", "message_code_has_purpose_and_end"),
        AddConstraintNotValid(
            "message",
            models.CheckConstraint(
                condition=Q(code_nonce=None) | Q(purpose__in=list(CODES), expires_at__isnull=False),
                name="message_code_has_purpose_and_end",
            ),
        ),
        migrations.RemoveConstraint("message", "message_only_codes_by_voice"),
        AddConstraintNotValid(
            "message",
            models.CheckConstraint(
                condition=Q(by_voice=False) | Q(purpose__in=list(CODES)), name="message_only_codes_by_voice"
            ),
        ),
    ]
