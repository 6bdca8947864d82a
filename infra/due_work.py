"""What `manage.py drain` does besides registrations and text messages: work that other apps have as leased rows.

Apps add theirs when they are loaded, so that the command need not know them.
"""

from collections.abc import Callable, Mapping

GoOn = Callable[[], bool]
Drain = Callable[[GoOn], int]

_drains: dict[str, Drain] = {}


def add(kind: str, drain: Drain) -> None:
    """`kind`: in the words of what the command prints. `drain` does what is due, and returns how much that was; before
    each piece it asks whether it may go on."""
    _drains[kind] = drain


def drains() -> Mapping[str, Drain]:
    return _drains
