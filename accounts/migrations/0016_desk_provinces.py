"""What the desk needs to work on accounts by province, to verify who calls and to change an identity by two persons.

Provinces of the accounts that are there are filled in by registration, which knows the cities. Rows are checked, and
the index is made, while others write.
"""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Now

from infra.migrating import BuildIndex

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
]
NAME = "account_event_only_changes_have_changes"
WITH_CHANGES = ["mobile_changed", "code_sent", "identity_entered", "identity_changed"]
STATES = [("waiting", "Waits for the second person"), ("confirmed", "Confirmed"), ("refused", "Refused")]


def somebody(**more: object) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, django.db.models.deletion.PROTECT, related_name="+", db_index=False, **more
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0015_code_sent")]
    operations = [
        migrations.AlterModelOptions(
            "user",
            {
                "permissions": [
                    ("serve_user", "Can do a citizen’s errands at the desk"),
                    ("reopen_user", "Can open an account again"),
                    ("confirm_user", "Can confirm a change of an identity"),
                    ("everywhere_user", "Can see the accounts of every province"),
                ],
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
            },
        ),
        migrations.AddField(
            "user", "province", models.CharField("province", max_length=60, blank=True, default="", db_default="")
        ),
        BuildIndex(
            "user",
            models.Index(
                fields=["province", "last_name_key"],
                opclasses=["varchar_ops", "varchar_pattern_ops"],
                name="user_province_name",
            ),
        ),
        migrations.AlterField(
            "accountevent", "kind", models.CharField(choices=KINDS, max_length=16, verbose_name="what happened")
        ),
        migrations.RemoveConstraint("accountevent", NAME),
        AddConstraintNotValid(
            "accountevent",
            models.CheckConstraint(condition=Q(changes__isnull=True) | Q(kind__in=WITH_CHANGES), name=NAME),
        ),
        ValidateConstraint("accountevent", NAME),
        migrations.CreateModel(
            "IdentityChange",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("changes", models.JSONField("what was changed")),
                ("words", models.CharField("clerk’s words", max_length=300)),
                ("state", models.CharField("state", max_length=9, choices=STATES, default="waiting")),
                ("entered_at", models.DateTimeField("when", db_default=Now(), editable=False)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        settings.AUTH_USER_MODEL,
                        django.db.models.deletion.PROTECT,
                        related_name="identity_changes",
                        verbose_name="account",
                    ),
                ),
                ("entered_by", somebody()),
                ("decided_by", somebody(null=True)),
            ],
            options={
                "verbose_name": "change of an identity",
                "verbose_name_plural": "changes of identities",
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["account"], condition=Q(state="waiting"), name="identity_change_one_waits"
                    ),
                    models.CheckConstraint(
                        condition=Q(state="waiting", decided_by=None, decided_at=None)
                        | Q(state__in=["confirmed", "refused"], decided_by__isnull=False, decided_at__isnull=False),
                        name="identity_change_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="confirmed") | ~Q(decided_by=F("entered_by")),
                        name="identity_change_by_two",
                    ),
                    models.CheckConstraint(condition=~Q(words=""), name="identity_change_has_a_reason"),
                ],
            },
        ),
    ]
