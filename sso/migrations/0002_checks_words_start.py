"""Which identity checks a service accepts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sso", "0001_services")]
    operations = [
        migrations.AddField(
            "service",
            "identity_checks",
            models.JSONField("identity checks that it accepts", default=list, blank=True),
        ),
    ]
