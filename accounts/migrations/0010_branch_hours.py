"""When a branch is open."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_staff")]
    operations = [
        migrations.AddField(
            "branch",
            "hours",
            models.CharField("opening hours", max_length=100, blank=True, default="", db_default=""),
        ),
    ]
