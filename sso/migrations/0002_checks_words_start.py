"""Which identity checks a service accepts, what it is in one line, and where a sign-in begins there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sso", "0001_services")]
    operations = [
        migrations.AddField(
            "service",
            "identity_checks",
            models.JSONField("identity checks that it accepts", default=list, blank=True),
        ),
        migrations.AddField(
            "service",
            "description_fa",
            models.CharField("what it is for, in Persian", max_length=160, blank=True, default=""),
        ),
        migrations.AddField(
            "service",
            "description_en",
            models.CharField("what it is for, in English", max_length=160, blank=True, default=""),
        ),
        migrations.AddField(
            "service",
            "initiate_login_uri",
            models.CharField("address where a sign-in begins", max_length=300, blank=True, default=""),
        ),
    ]
