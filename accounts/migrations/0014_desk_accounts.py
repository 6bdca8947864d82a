"""What the desk needs for accounts: events, closed accounts, indexes to find them by. Indexes are made while others
write."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

KINDS = [
    ("viewed", "The account was opened"),
    ("locked", "The account was locked"),
    ("unlocked", "The account was unlocked"),
    ("sessions_ended", "All sessions were ended and all devices forgotten"),
    ("mobile_changed", "The mobile was changed"),
    ("recovery_started", "A recovery without answers was started"),
    ("recovered", "The citizen set a new password and new questions"),
    ("closed", "The account was closed"),
    ("reopened", "The account was opened again"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0012_one_desk_session"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        migrations.CreateModel(
            "AccountEvent",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="when"
                    ),
                ),
                ("kind", models.CharField(choices=KINDS, max_length=16, verbose_name="what happened")),
                ("words", models.CharField(blank=True, default="", max_length=300, verbose_name="clerk’s words")),
                ("changes", models.JSONField(null=True, verbose_name="what was changed")),
                ("security_version", models.PositiveIntegerField()),
                (
                    "client_network",
                    models.GenericIPAddressField(
                        help_text="Network of the client's address.", null=True, verbose_name="address"
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="desk_events",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
            ],
            options={
                "verbose_name": "event of an account",
                "verbose_name_plural": "events of accounts",
                "ordering": ["pk"],
                "indexes": [
                    models.Index("account", "id", name="account_event_account"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(kind="recovered", actor=None) | (~Q(kind="recovered") & Q(actor__isnull=False)),
                        name="account_event_by_staff",
                    ),
                    models.CheckConstraint(
                        condition=Q(kind__in=["viewed", "recovered"]) | ~Q(words=""), name="account_event_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=Q(changes__isnull=True) | Q(kind="mobile_changed"),
                        name="account_event_only_changes_have_changes",
                    ),
                ],
            },
        ),
        migrations.AlterModelOptions(
            "user",
            {
                "permissions": [
                    ("serve_user", "Can do a citizen’s errands at the desk"),
                    ("reopen_user", "Can open an account again"),
                ],
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
            },
        ),
        migrations.AddField(
            "user", "closed_at", models.DateTimeField(editable=False, null=True, verbose_name="closed")
        ),
        AddConstraintNotValid(
            "user",
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(is_active=False), name="user_closed_is_not_active"
            ),
        ),
        ValidateConstraint("user", "user_closed_is_not_active"),
        AddIndexConcurrently("user", models.Index("mobile", name="user_mobile")),
        AddIndexConcurrently(
            "user",
            models.Index(fields=["last_name_key"], opclasses=["varchar_pattern_ops"], name="user_last_name"),
        ),
    ]
