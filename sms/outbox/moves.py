"""The only code that moves Message.state; `queue` writes the first one."""

from typing import Any

from django.db.models import QuerySet

from infra import statements
from sms.models import Message


def move(messages: QuerySet[Message], target: str, **changes: Any) -> int:
    """Move those of `messages` that may become `target` by Message.MOVES, and write `changes`; returns how many moved.

    One conditional UPDATE: what somebody else has moved on meanwhile stays as it is. A lease ends with the move; so do
    `send_at` and `ask_at`, unless `changes` say when; what fills the text is wiped when `target` is final.
    """
    movable, written = _change(messages, target, changes)
    return movable.update(**written)


def moving(messages: QuerySet[Message], target: str, **changes: Any) -> statements.Sql:
    """The same as a part of a statement that writes more."""
    return statements.change(*_change(messages, target, changes))


def _change(
    messages: QuerySet[Message], target: str, changes: dict[str, Any]
) -> tuple[QuerySet[Message], dict[str, Any]]:
    sources = [state for state, targets in Message.MOVES.items() if target in targets]
    written: dict[str, Any] = {"lease_token": None, "lease_until": None, "send_at": None, "ask_at": None}
    if target in Message.FINAL:
        written |= {"params": {}, "code_nonce": None}
    return messages.filter(state__in=sources), {"state": target, **written, **changes}
