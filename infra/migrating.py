"""How long a migration may take, and how one that broke off is run again.

The portal's sessions end a statement after ten seconds (tamin_portal.settings). To build an index over millions of
rows, or to check them, takes longer, so `migrate` works without that limit. `lock_timeout` stays: what must wait for a
lock on a table holds up everybody who comes after it.
"""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connections

_FOUND = (
    "SELECT indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname = %s AND pg_table_is_visible(oid)"
)


def without_limit(*, using: str, **_: object) -> None:
    """Before the migrations (`pre_migrate`)."""
    with connections[using].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")


def as_always(*, using: str, **_: object) -> None:
    """After them (`post_migrate`): what else this process does has the limit of its session again."""
    with connections[using].cursor() as cursor:
        cursor.execute("RESET statement_timeout")


class BuildIndex(AddIndexConcurrently):
    """An index that is built while others write, also by a migration that is run again after it broke off.

    What a build that broke off has left, an invalid index of this name, is replaced; a valid one is there already. The
    build waits for everybody's open transactions and holds nobody up, so it may wait for as long as they take. The way
    back, which may be one transaction, drops it at once.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self._ensure_not_in_transaction(schema_editor)
        name = schema_editor.quote_name(self.index.name)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(_FOUND, [self.index.name])
            valid = cursor.fetchone()
            if valid == (True,):
                return
            cursor.execute("SET lock_timeout = 0")
            try:
                if valid == (False,):
                    cursor.execute(f"DROP INDEX CONCURRENTLY {name}")
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            finally:
                cursor.execute("RESET lock_timeout")

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.remove_index(model, self.index)
