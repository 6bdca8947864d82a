"""Events of accounts and of the staff are only added; the desk reads what was done by a clerk, or on a day."""

from django.db import migrations, models

from infra.append_only import function, only_added

INDEXES = {
    "account_event_at": models.Index("at", name="account_event_at"),
    "account_event_actor_at": models.Index("actor", "at", name="account_event_actor_at"),
}
MADE = {"account_event_at": "(at)", "account_event_actor_at": "(actor_id, at)"}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0015_code_sent")]
    operations = [
        function(),
        only_added("accounts_accountevent"),
        only_added("accounts_staffevent"),
        *(
            migrations.RunSQL(
                f"CREATE INDEX CONCURRENTLY {name} ON accounts_accountevent {columns}",
                f"DROP INDEX {name}",  # at once: the way back may be one transaction
                state_operations=[migrations.AddIndex("accountevent", INDEXES[name])],
            )
            for name, columns in MADE.items()
        ),
    ]
