"""The terms of the field for models and their fields. Tables and columns keep their names: nothing changes in the database."""

import django.db.models.deletion
from django.db import migrations, models


def rename_content_type(apps, schema_editor):
    apps.get_model("contenttypes", "ContentType").objects.filter(app_label="registration", model="inquiry").update(
        model="identitycheck"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("registration", "0003_desk_indexes"),
        ("sms", "0004_field_terms"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunPython(rename_content_type, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelTable("inquiry", "registration_inquiry"),
                migrations.AlterModelOptions("inquiry", {}),
                migrations.RenameModel("Inquiry", "IdentityCheck"),
                migrations.RenameField("registrationrequest", "verification", "challenge"),
                migrations.AlterField(
                    "registrationrequest",
                    "challenge",
                    models.OneToOneField(
                        db_column="verification_id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="registration_request",
                        to="sms.otpchallenge",
                    ),
                ),
                migrations.RenameField("requestevent", "source", "client_network"),
                migrations.AlterField(
                    "requestevent",
                    "client_network",
                    models.GenericIPAddressField(
                        db_column="source", help_text="Network of the client's address.", null=True, verbose_name="address"
                    ),
                ),
            ]
        ),
    ]
