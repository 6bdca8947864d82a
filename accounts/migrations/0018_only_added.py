"""Events of accounts and of the staff are only added; the desk reads what was done by a clerk, or on a day."""

from django.db import migrations, models

from infra.append_only import function, only_added
from infra.migrating import BuildIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0017_identity_check")]
    operations = [
        function(),
        only_added("accounts_accountevent"),
        only_added("accounts_staffevent"),
        BuildIndex("accountevent", models.Index("at", name="account_event_at")),
        BuildIndex("accountevent", models.Index("actor", "at", name="account_event_actor_at")),
    ]
