"""Services that a person has connected with this account, for the profile; and those that one can sign in to.

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


class Offer(NamedTuple):
    """A service that is open to everybody with an account. `address`: of its first page. `description`: one line."""

    name: str
    address: str
    description: str = ""


Source = Callable[[User], Iterable[Line]]
Offers = Callable[[], Iterable[Offer]]

_sources: dict[str, Source] = {}
_offers: dict[str, Offers] = {}


def add_source(name: str, source: Source) -> None:
    _sources[name] = source


def of(user: User) -> list[Line]:
    return [line for source in _sources.values() for line in source(user)]


def add_offers(name: str, offers: Offers) -> None:
    _offers[name] = offers


def offered() -> list[Offer]:
    return [offer for offers in _offers.values() for offer in offers()]
