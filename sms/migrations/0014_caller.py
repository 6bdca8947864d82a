"""Codes of a telephone call. Rows are checked while others write."""

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
    "caller": "Telephone call",
}
ALL = CODES | {
    "result": "Result of a request",
    "desk_decision": "Decision of a branch",
    "result_again": "Result, once more",
    "desk_repeat": "Result, sent again by a branch",
    "notice": "Notice",
}
RENEWED = {
    "message_code_has_purpose_and_end": Q(code_nonce=None) | Q(purpose__in=list(CODES), expires_at__isnull=False),
    "message_only_codes_by_voice": Q(by_voice=False) | Q(purpose__in=list(CODES)),
}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sms", "0013_desk_repeat")]
    operations = [
        migrations.AlterField("otpchallenge", "purpose", models.CharField(choices=list(CODES.items()), max_length=16)),
        migrations.AlterField("message", "purpose", models.CharField(choices=list(ALL.items()), max_length=16)),
        *(
            operation
            for name, condition in RENEWED.items()
            for operation in (
                migrations.RemoveConstraint("message", name),
                AddConstraintNotValid("message", models.CheckConstraint(condition=condition, name=name)),
                ValidateConstraint("message", name),
            )
        ),
    ]
