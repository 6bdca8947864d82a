"""Columns for the codes that nobody has confirmed, and a table for what is counted while Redis is away.

The columns come with a constant default, which takes no time. Codes of before count as confirmed; indexes are in 0008.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sms", "0006_moments_checked")]
    operations = [
        migrations.AddField(
            "message",
            "client_network",
            models.GenericIPAddressField(null=True, help_text="The /24 network of IPv4, the /48 of IPv6."),
        ),
        migrations.AddField(
            "message",
            "unconfirmed",
            models.BooleanField(
                default=False, db_default=False, help_text="A code that takes a place in the limits by address."
            ),
        ),
        migrations.CreateModel(
            "LimitEvent",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64)),
                ("token", models.CharField(max_length=16)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "limit_event",
                "indexes": [
                    models.Index("key", "at", name="limit_event_key"),
                    models.Index("at", name="limit_event_at"),
                ],
            },
        ),
    ]
