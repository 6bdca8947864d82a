"""The terms of the field for models and their fields. Tables and columns keep their names: nothing changes in the database."""

from django.db import migrations, models
from django.db.models import Q

import sms.models


def rename_content_type(apps, schema_editor):
    apps.get_model("contenttypes", "ContentType").objects.filter(app_label="sms", model="verification").update(
        model="otpchallenge"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("sms", "0003_queue_texts"),
        ("contenttypes", "0002_remove_content_type_name"),
        # Whatever points at the old name must be known before it changes.
        ("accounts", "0005_staff_factor"),
        ("registration", "0003_desk_indexes"),
    ]
    operations = [
        migrations.RunPython(rename_content_type, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelTable("verification", "sms_verification"),
                migrations.RenameModel("Verification", "OtpChallenge"),
                migrations.RenameField("otpchallenge", "subject", "national_code"),
                migrations.AlterField(
                    "otpchallenge", "national_code", models.CharField(max_length=10, db_column="subject")
                ),
                migrations.RemoveIndex("message", "message_subject"),
                migrations.RemoveIndex("message", "message_source"),
                migrations.RenameField("message", "subject", "national_code"),
                migrations.AlterField(
                    "message",
                    "national_code",
                    models.CharField(
                        max_length=10, blank=True, default="", db_column="subject", help_text="For the sending limits."
                    ),
                ),
                migrations.RenameField("message", "source", "client_ip"),
                migrations.AlterField(
                    "message",
                    "client_ip",
                    models.GenericIPAddressField(
                        null=True, db_column="source", help_text="IPv4, or the /64 network of IPv6."
                    ),
                ),
                migrations.RenameField("message", "local_id", "idempotency_key"),
                migrations.AlterField(
                    "message",
                    "idempotency_key",
                    models.BigIntegerField(
                        unique=True, default=sms.models.new_idempotency_key, db_column="local_id"
                    ),
                ),
                migrations.RenameField("message", "parts", "segments"),
                migrations.AlterField(
                    "message",
                    "segments",
                    models.PositiveSmallIntegerField(
                        null=True, db_column="parts", help_text="Messages that the operator counts this text as."
                    ),
                ),
                migrations.AddIndex(
                    "message",
                    models.Index(
                        "national_code", "created_at", name="message_subject", condition=~Q(national_code="")
                    ),
                ),
                migrations.AddIndex(
                    "message",
                    models.Index(
                        "client_ip", "created_at", name="message_source", condition=Q(client_ip__isnull=False)
                    ),
                ),
            ]
        ),
    ]
