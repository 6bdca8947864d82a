"""How the identity of an account was checked. What is known of older accounts: registration, 0022."""

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
    ("reached", "The account was opened from another province"),
    ("caller_code", "A code was sent to a caller"),
    ("caller_verified", "The caller told the right code"),
    ("caller_failed", "The caller did not tell the right code"),
    ("identity_entered", "A change of the identity was entered"),
    ("identity_changed", "The identity was changed"),
    ("identity_refused", "A change of the identity was refused"),
    ("identity_seen", "The identity was checked by documents"),
]
CHECKS = [
    ("registry", "By the civil registry and the owner of the mobile"),
    ("branch", "By documents, at a branch"),
]
NAME = "user_identity_check_is_known"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0016_desk_provinces")]
    operations = [
        migrations.AddField(
            "user",
            "identity_check",
            models.CharField(
                "how the identity was checked", max_length=8, choices=CHECKS, default="", db_default=""
            ),
        ),
        AddConstraintNotValid(
            "user",
            models.CheckConstraint(
                condition=Q(identity_check="")
                | Q(identity_check__in=["registry", "branch"], activated_at__isnull=False),
                name=NAME,
            ),
        ),
        ValidateConstraint("user", NAME),
        migrations.AlterField(
            "accountevent", "kind", models.CharField(choices=KINDS, max_length=16, verbose_name="what happened")
        ),
    ]
