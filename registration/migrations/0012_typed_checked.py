"""The constraint of 0011, checked without a lock that anybody would wait for."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registration", "0011_typed")]
    operations = [ValidateConstraint("registrationrequest", "request_typed_in_drafts_alone")]
