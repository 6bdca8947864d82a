"""The terms of the field; the column keeps its name: nothing changes in the database."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_staff_factor"), ("sms", "0004_field_terms")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("recoveryrun", "verification", "challenge"),
                migrations.AlterField(
                    "recoveryrun",
                    "challenge",
                    models.ForeignKey(
                        db_column="verification_id",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="sms.otpchallenge",
                    ),
                ),
            ]
        ),
    ]
