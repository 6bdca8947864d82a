"""Services that a person has connected with this account, for the profile.

Other apps add their sources when they are loaded, so that this app need not know them.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from accounts.models import User


class Line(NamedTuple):
    """`end`: the address of the page on which the person ends it."""

    name: str
    used_at: datetime
    end: str


Source = Callable[[User], Iterable[Line]]

_sources: dict[str, Source] = {}


def add_source(name: str, source: Source) -> None:
    _sources[name] = source


def of(user: User) -> list[Line]:
    return [line for source in _sources.values() for line in source(user)]
