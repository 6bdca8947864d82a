"""What was done about services is only added."""

from django.db import migrations

from infra.append_only import only_added


class Migration(migrations.Migration):
    dependencies = [("sso", "0001_services"), ("accounts", "0018_only_added")]
    operations = [only_added("sso_serviceevent")]
