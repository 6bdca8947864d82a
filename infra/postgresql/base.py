"""Whether a kept connection still works is seen from its socket, not asked for before every request."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """As Django's, which executes `SELECT 1`; here only after an error, or when the socket has something to say.

        A server that was stopped or killed has closed its end, and an idle connection has nothing to read otherwise.
        """
        kept = self.connection
        is_quiet = kept is not None and not kept.closed and _has_nothing_to_read(kept.fileno())
        return (is_quiet and not self.errors_occurred) or bool(super().is_usable())


def _has_nothing_to_read(socket: int) -> bool:
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return not poll.poll(0)
