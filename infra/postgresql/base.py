"""Whether a kept connection still works is seen from its socket, not asked for before every request; and a statement
that is sent often can be parsed and planned once for each connection.
"""

import select
from typing import Any, cast

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper


class _Preparing(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **options: Any) -> "_Preparing":
        return super().execute(query, params, prepare=True, **options)

    def _convert_query(self, *args: Any) -> Any:
        self._query = super()._convert_query(*args)  # which Django shows to whoever looks at statements
        return self._query


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """As Django's, which executes `SELECT 1`; here only after an error, or when the socket has something to say.

        A server that was stopped or killed has closed its end, and an idle connection has nothing to read otherwise.
        """
        kept = self.connection
        is_quiet = kept is not None and not kept.closed and _has_nothing_to_read(kept.fileno())
        return (is_quiet and not self.errors_occurred) or bool(super().is_usable())

    def preparing_cursor(self) -> CursorWrapper:
        """A cursor whose statements are prepared: PostgreSQL keeps the last hundred of each connection, parsed, and
        planned where one plan is good for all values. Values travel beside the text, so there is one statement in each.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = self._prepare_cursor(_Preparing(self.connection))  # type: ignore[attr-defined]
        return cast(CursorWrapper, cursor)


def _has_nothing_to_read(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return not poll.poll(0)
