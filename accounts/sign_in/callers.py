"""For whom somebody signs in: the sign-in's pages name the service that has sent the visitor here.

Other apps add their sources when they are loaded, so that this app need not know them.
"""

from collections.abc import Callable

Source = Callable[[str], str]

_sources: dict[str, Source] = {}


def add_source(name: str, source: Source) -> None:
    """`source` takes the page to which a sign-in leads and gives the name of who asks for it, or nothing."""
    _sources[name] = source


def of(next_page: str) -> str:
    """The name of who waits behind this page; empty for the portal's own pages."""
    return next((name for source in _sources.values() if (name := source(next_page))), "") if next_page else ""
