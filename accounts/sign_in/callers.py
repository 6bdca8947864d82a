"""For whom somebody signs in or registers: pages name the service that has sent the visitor here, and lead back to it.

A service is known here by a mark, which the row of a registration may keep; what it is called and where it is, its own
app says, now. Other apps add their sources when they are loaded, so that this app need not know them.
"""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode

from accounts.models import User


class Caller(NamedTuple):
    """`start`: the page of the portal that leads a signed-in person on to it."""

    mark: str
    name: str
    start: str


Find = Callable[[str], Caller | None]
Origin = Callable[[User], str]

_sources: dict[str, tuple[Find, Find]] = {}
_origins: dict[str, Origin] = {}


def add_source(name: str, behind: Find, known: Find) -> None:
    """`behind` takes the page to which a sign-in leads and gives who waits there, `known` takes a mark; or None."""
    _sources[name] = behind, known


def add_origin(name: str, origin: Origin) -> None:
    """`origin` gives the mark of who has sent a person here to open the account; or nothing."""
    _origins[name] = origin


def behind(next_page: str) -> Caller | None:
    """Who waits behind this page; None for the portal's own pages, and for pages that are over."""
    return next((found for find, _ in _sources.values() if (found := find(next_page))), None) if next_page else None


def known(mark: str) -> Caller | None:
    """Who has this mark, if people can go there now."""
    return next((found for _, find in _sources.values() if (found := find(mark))), None) if mark else None


def origin(user: User) -> Caller | None:
    """Who has sent this person here to open the account, if people can go there now."""
    return next((found for find in _origins.values() if (found := known(find(user)))), None)


def of(next_page: str) -> str:
    """The name of who waits behind this page; empty for the portal's own pages."""
    found = behind(next_page)
    return found.name if found else ""


def onward(user: User, next_page: str) -> str:
    """Where a sign-in leads: at the first one of an account, without another wish, back to who has sent the person."""
    first = None if next_page or user.last_login else origin(user)
    return first.start if first else next_page


def query(next_page: str) -> str:
    """What a link to a sign-in or a registration ends with, so that it leads on to this page; or nothing."""
    return f"?{urlencode({'next': next_page})}" if next_page else ""
