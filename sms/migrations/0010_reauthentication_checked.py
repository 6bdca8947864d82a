"""What 0009 began, without a lock that anybody would wait for: rows are checked while others write."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sms", "0009_reauthentication")]
    operations = [
        ValidateConstraint("message", "message_code_has_purpose_and_end"),
        ValidateConstraint("message", "message_only_codes_by_voice"),
    ]
