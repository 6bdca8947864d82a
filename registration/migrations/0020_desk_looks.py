"""What the staff searched for; events of requests are only added; the desk reads what was done by a clerk, or on a day."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now

from infra.append_only import only_added
from infra.migrating import BuildIndex

BY_STAFF = Q(actor__isnull=False)
PLACES = [("requests", "requests"), ("accounts", "accounts"), ("staff", "the staff"), ("looks", "looks")]
KINDS = [
    ("national_code", "national code"),
    ("mobile", "mobile"),
    ("either", "national code or mobile"),
    ("tracking_code", "tracking code"),
    ("number", "another number"),
    ("name", "name"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("registration", "0019_daily_figures"),
        ("accounts", "0018_only_added"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            "DeskSearch",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=Now(), editable=False, verbose_name="when")),
                ("place", models.CharField(choices=PLACES, max_length=8, verbose_name="where")),
                ("what", models.CharField(choices=KINDS, max_length=13, verbose_name="what")),
                ("fingerprint", models.CharField(max_length=32)),
                ("hits", models.PositiveIntegerField(verbose_name="found")),
                (
                    "client_network",
                    models.GenericIPAddressField(help_text="Network of the client's address.", verbose_name="address"),
                ),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
            ],
            options={
                "verbose_name": "search at the desk",
                "verbose_name_plural": "searches at the desk",
                "ordering": ["pk"],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index("at", name="desk_search_at"),
                    models.Index("actor", "at", name="desk_search_actor_at"),
                    models.Index("fingerprint", "at", name="desk_search_fingerprint_at"),
                ],
            },
        ),
        only_added("registration_desksearch", deleted_after="730 days"),
        only_added("registration_requestevent"),
        BuildIndex("requestevent", models.Index("at", name="event_staff_at", condition=BY_STAFF)),
        BuildIndex("requestevent", models.Index("actor", "at", name="event_actor_at", condition=BY_STAFF)),
    ]
