"""Events tell to which number a clerk had a code sent. The constraint is checked while others write."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

KINDS = [
    ("viewed", "The account was opened"),
    ("locked", "The account was locked"),
    ("unlocked", "The account was unlocked"),
    ("sessions_ended", "All sessions were ended and all devices forgotten"),
    ("code_sent", "A code was sent to a new mobile"),
    ("mobile_changed", "The mobile was changed"),
    ("recovery_started", "A recovery without answers was started"),
    ("recovered", "The citizen set a new password and new questions"),
    ("closed", "The account was closed"),
    ("reopened", "The account was opened again"),
]
NAME = "account_event_only_changes_have_changes"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0014_desk_accounts")]
    operations = [
        migrations.AlterField(
            "accountevent", "kind", models.CharField(choices=KINDS, max_length=16, verbose_name="what happened")
        ),
        migrations.RemoveConstraint("accountevent", NAME),
        AddConstraintNotValid(
            "accountevent",
            models.CheckConstraint(
                condition=Q(changes__isnull=True) | Q(kind__in=["mobile_changed", "code_sent"]), name=NAME
            ),
        ),
        ValidateConstraint("accountevent", NAME),
    ]
