"""What happened to a person elsewhere in the portal, for the profile.

Other apps add their sources when they are loaded, so that this app need not know them.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from accounts.models import User


class Entry(NamedTuple):
    """One line of the history. `number` is what a citizen would quote; `state` in the citizen's words."""

    number: str
    began_at: datetime
    changed_at: datetime | None
    state: str


Source = Callable[[User], Iterable[Entry]]

_sources: dict[str, Source] = {}


def add_source(name: str, source: Source) -> None:
    _sources[name] = source


def of(user: User) -> list[Entry]:
    """Everything that is known of this person, the newest first."""
    entries = [entry for source in _sources.values() for entry in source(user)]
    return sorted(entries, key=lambda entry: entry.began_at, reverse=True)
