"""When the first of the challenges began that took each other's place. Rows that are there began, at the latest, now."""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [("sms", "0010_reauthentication_checked")]
    operations = [
        migrations.AddField("otpchallenge", "began_at", models.DateTimeField(db_default=Now(), editable=False)),
    ]
