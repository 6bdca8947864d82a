"""The constraint of 0006, checked without a lock that anybody would wait for."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registration", "0006_capped")]
    operations = [ValidateConstraint("requestevent", "event_kind_agrees_with_statuses")]
