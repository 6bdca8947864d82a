"""Jinja2 for the pages of citizens, templates/pages/: what their templates may use (docs/decisions/0027).

Everything is escaped unless it says that it is markup: what `_` translates, form fields, `ltr`. All that differs
between visitors comes from `visitor` or from the view. Words, addresses and names of static files that a template names
as literals are found when it is compiled, once for each language (docs/decisions/0046).
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.template.defaultfilters import linebreaksbr
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as translated
from jinja2 import Environment, Template
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from accounts.sign_in import sessions
from accounts.templatetags import portal
from iran import waits
from registration.pages import places
from tamin_portal.kept_parts import KeptParts


class Unindented(Extension):
    """Templates without the spaces that begin their lines: to browsers they say nothing, but every page sends them."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"^[ \t]+", "", source, flags=re.MULTILINE | re.ASCII)


FOUND_ONCE: dict[str, Callable[[str], str]] = {"_": translated, "static": static, "url": reverse}


class FoundOnce(Extension):
    """`_("…")`, `static("…")` and `url("…")` with nothing but a literal become what they say, so that a page is made of
    whole pieces of text. Our own words may hold markup; what `format` puts into them is escaped."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        tokens = list(stream)
        while tokens:
            line, kind, name = tokens[0]
            call = [token.type for token in tokens[1:4]]
            if kind == "name" and name in FOUND_ONCE and call == ["lparen", "string", "rparen"]:
                yield Token(line, "string", FOUND_ONCE[name](tokens[2].value))
                if name == "_":
                    yield from (Token(line, "pipe", "|"), Token(line, "name", "safe"))
                del tokens[:4]
            else:
                yield tokens.pop(0)


class Pages:
    """What settings.TEMPLATES asks for templates: an environment for each language, whose templates are compiled once
    for each process, in that language."""

    def __init__(self, **options: Any) -> None:
        self._of = cache(lambda _language: _environment(**options))

    def get_template(self, name: str) -> Template:
        return self._of(get_language()).get_template(name)


def _environment(**options: Any) -> Environment:
    extensions = [FoundOnce, KeptParts, Unindented]
    made = Environment(extensions=extensions, **options)  # noqa: S701  Django's backend sets autoescape
    made.globals |= {
        "get_language": get_language,
        "get_language_bidi": get_language_bidi,
        "other_languages": portal.other_languages,
        "portal_host": settings.PORTAL_HOST,
        "seconds_left": _seconds_left,
        "static": cache(static),
        "url": _url,
    }
    filters = (portal.fa, portal.jalali_date, portal.jalali_time, portal.local_mobile, portal.masked_mobile, portal.ltr)
    others = (linebreaksbr, waits.in_words, places.city_name, places.province_name)
    made.filters |= {function.__name__: function for function in (*filters, *others)}
    return made


def visitor(request: HttpRequest) -> dict[str, object]:
    """Context processor: who looks at the page, what is to be said to them, and the token of their forms.

    A page that tells of an error may come before a middleware has said who it is.
    """
    return {
        "user": getattr(request, "user", None) or AnonymousUser(),
        "messages": get_messages(request),
        "csrf_input": SimpleLazyObject(lambda: csrf_input(request)),  # masked once for all forms of the page
    }


def _url(name: str, *args: object) -> str:
    return reverse(name, args=args)


def _seconds_left(request: HttpRequest) -> tuple[int, int] | None:
    """Until the session of a signed-in person ends, by itself and at the latest; None where there is no session."""
    return sessions.seconds_left(request) if hasattr(request, "session") else None
