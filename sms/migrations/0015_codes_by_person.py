"""Whose account changes has the codes ended that are under way: they are found among all that ever registered."""

from django.db import migrations, models
from django.db.models import Q

from infra.migrating import BuildIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sms", "0014_caller")]
    operations = [
        BuildIndex(
            "otpchallenge",
            models.Index("national_code", name="challenge_person", condition=~Q(purpose="registration")),
        )
    ]
