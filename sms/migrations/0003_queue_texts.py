"""The queue of all messages but codes is called `texts`; what rows remember of it under its old name."""

from django.db import migrations


def rename(apps, schema_editor):
    apps.get_model("sms", "ProviderState").objects.filter(area="sms").update(area="texts")
    apps.get_model("sms", "Heartbeat").objects.filter(queue="sms").delete()


class Migration(migrations.Migration):
    dependencies = [("sms", "0002_providers")]
    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
