"""Who must know that a session was ended on purpose: by signing out, or from another session.

Not told: sessions that time has ended. Other apps add their listeners when they are loaded.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest

from infra import security_log

Listener = Callable[[Mapping[str, Any]], object]

_listeners: dict[str, Listener] = {}


def add_listener(name: str, listener: Listener) -> None:
    """`listener` takes what stood in the session."""
    _listeners[name] = listener


def tell(session: Mapping[str, Any]) -> None:
    for listener in _listeners.values():
        listener(session)


def sign_out(request: HttpRequest) -> None:
    """End this browser's session because its owner wishes so; the log and the listeners are told if somebody was in."""
    if request.user.is_authenticated:
        security_log.tell("sign-out", national_code=request.user.national_code)
        tell(request.session)
    logout(request)
