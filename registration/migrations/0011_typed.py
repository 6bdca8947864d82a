"""What stands in a page that was left before it was sent, with the draft."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("registration", "0010_enter_identity_check")]
    operations = [
        migrations.AddField(
            "registrationrequest",
            "typed",
            models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), editable=False),
        ),
        AddConstraintNotValid(
            "registrationrequest",
            models.CheckConstraint(condition=Q(status="draft") | Q(typed={}), name="request_typed_in_drafts_alone"),
        ),
    ]
