"""`{% kept %}…{% endkept %}`: a part of a page that looks the same for everybody is drawn once in each process.

`{% kept form %}` is kept for each class of forms, and only of a form whose `is_blank` says that nothing is typed or
saved yet; of any other form the part is drawn as if the tag were not there. The language counts, too (decision 33).

What stands inside may name SAME_FOR_ALL and what it sets itself; anything else is an error when the template is
compiled, so that nothing of a person, no token and no error message can be kept.
"""

from collections.abc import Callable
from itertools import count
from typing import Any

from django.utils.translation import get_language
from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateAssertionError
from jinja2.ext import Extension
from jinja2.parser import Parser

# Functions of the environment that answer the same for everybody, and macros, which see what they are given alone.
SAME_FOR_ALL = frozenset({"_", "get_language", "static", "url", "fields", "notice", "other_routes"})
ELSEWHERE = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Block, nodes.ContextReference)

Key = tuple[int, str | None, type[object], str | None]


class KeptParts(Extension):
    tags = {"kept"}

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._parts = count()  # each template is compiled once in a process
        self._drawn: dict[Key, str] = {}

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        form: nodes.Expr = nodes.Const(None)
        if parser.stream.current.type != "block_end":
            form = nodes.Name(parser.stream.expect("name").value, "load")
        body = parser.parse_statements(("name:endkept",), drop_needle=True)
        _refuse_what_differs(body, {form.name} if isinstance(form, nodes.Name) else set(), parser)
        part = nodes.Const(next(self._parts))
        return nodes.CallBlock(self.call_method("_draw", [part, form]), [], [], body).set_lineno(line)

    def _draw(self, part: int, form: Any, caller: Callable[[], str]) -> str:
        if self.environment.auto_reload or not (form is None or getattr(form, "is_blank", False)):
            return caller()
        key = (part, get_language(), type(form), getattr(form, "prefix", None))
        drawn = self._drawn.get(key)
        if drawn is None:
            drawn = self._drawn[key] = caller()
        return drawn


def _refuse_what_differs(body: list[nodes.Node], form: set[str], parser: Parser) -> None:
    inside = nodes.Scope(body)  # of which `find_all` finds what the body itself consists of, too
    names = list(inside.find_all(nodes.Name))
    known = SAME_FOR_ALL | form | {name.name for name in names if name.ctx != "load"}
    for name in names:
        if name.name not in known:
            text = f"a kept part must not name {name.name}, which may differ between visitors"
            raise TemplateAssertionError(text, name.lineno, parser.name, parser.filename)
    for found in inside.find_all(ELSEWHERE):
        text = f"a kept part cannot hold {type(found).__name__}: what stands there is not looked at"
        raise TemplateAssertionError(text, found.lineno, parser.name, parser.filename)
