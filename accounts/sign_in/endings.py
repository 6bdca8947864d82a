"""Who must know that a session was ended on purpose: by signing out, or from another session.

Not told: sessions that time has ended. Other apps add their listeners when they are loaded.
"""

from collections.abc import Callable, Mapping
from typing import Any

Listener = Callable[[Mapping[str, Any]], object]

_listeners: dict[str, Listener] = {}


def add_listener(name: str, listener: Listener) -> None:
    """`listener` takes what stood in the session."""
    _listeners[name] = listener


def tell(session: Mapping[str, Any]) -> None:
    for listener in _listeners.values():
        listener(session)
