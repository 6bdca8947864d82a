"""What the portal's own code may not do, or only where it is known: read from the source, for every module."""

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.source_code import APPS, ROOT, imported, module, of, sources, tree

COMMANDS = ".management.commands."  # started by an operator, not by a request


@cache
def calls(path: Path) -> list[tuple[str, ast.Call]]:
    """Every call in a file with its dotted name; `?` stands for what has no name."""
    return [(dotted(node.func), node) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "?"


def users(uses: Callable[[str, ast.Call], bool]) -> set[str]:
    """Modules with a call for which `uses` says yes."""
    return {module(path) for path in sources(*APPS) if any(uses(name, call) for name, call in calls(path))}


def importers(*packages: str) -> set[str]:
    return {module(path) for path in sources(*APPS) if any(of(package, imported(path)) for package in packages)}


def fixed(node: ast.expr) -> bool:
    """Whether a text is written in the source: a literal, a constant by name, or put together of such."""
    match node:
        case ast.Constant(value=str()):
            return True
        case ast.Name(id=name):
            return name.lstrip("_").isupper()
        case ast.Attribute(attr=name):
            return name.isupper()
        case ast.JoinedStr(values=parts):
            return all(fixed(part.value) if isinstance(part, ast.FormattedValue) else fixed(part) for part in parts)
        case ast.Call(func=function, args=[only]):
            return dotted(function) in {"_compose", "re.escape"} and (fixed(only) or dotted(function) == "re.escape")
    return False


def test_the_reader_of_calls_finds_them() -> None:
    found = {name for path in sources("infra") for name, _ in calls(path)}
    assert {"connection.cursor", "cursor.execute"} <= found
    assert fixed(ast.parse('f"SELECT {_COLUMNS}"', mode="eval").body)
    assert not fixed(ast.parse('f"SELECT {typed}"', mode="eval").body)
    assert not fixed(ast.parse("typed", mode="eval").body)


def test_no_text_becomes_code() -> None:
    assert users(lambda name, _: name in {"eval", "exec", "compile", "__import__"}) == set()
    assert importers("code", "codeop", "runpy") == set()


def test_nothing_is_read_back_that_could_be_an_object() -> None:
    assert importers("pickle", "marshal", "shelve", "dill", "yaml", "jsonpickle") == set()


def test_no_xml_is_read() -> None:
    assert importers("xml", "lxml", "xmlrpc", "defusedxml") == set()


def test_no_process_is_started() -> None:
    assert importers("subprocess", "pty", "commands", "shlex") == set()
    assert users(lambda name, _: bool(re.match(r"os\.(system|popen|spawn|exec|posix_spawn|fork)", name))) == set()


def test_sql_is_the_orms_or_written_in_the_source() -> None:
    """Values go beside it, as parameters."""
    assert users(lambda name, _: name.rpartition(".")[2] in {"raw", "extra", "RawSQL", "mogrify"}) == set()

    def executes_something_else(name: str, call: ast.Call) -> bool:
        is_sql = name.rpartition(".")[0] == "cursor" and name.endswith((".execute", ".executemany", ".copy"))
        return is_sql and not fixed(call.args[0])

    assert users(executes_something_else) == {
        "infra.counting",  # whole statements of the ORM side by side
        "infra.migrating",  # an index's name, quoted
        "infra.statements",  # the same; conditions and answers between them are written in the source
        "registration.management.made_up.rows",  # put together of its own texts and of names of our columns
        "registration.registry.importer",  # its own statements, with names that psycopg.sql has quoted
    }


def test_patterns_are_written_in_the_source() -> None:
    """Nothing that somebody typed is part of a regular expression."""
    tools = {
        f"re.{name}" for name in ("compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "split")
    }
    found = users(lambda name, call: name in tools and not fixed(call.args[0]))
    assert found <= {
        "accounts.sign_in.devices",  # a table of browsers
        "tamin_portal.env",  # what a setting takes
        "iran.romanise",  # spellings of letters
        "iran.names",
        "iran.fields",
        "registration.identity.name_spellings",  # closed lists of words
        "registration.registry.fields",  # what a column takes
    }


def test_formats_are_written_in_the_source_or_translated() -> None:
    def formats_something_else(name: str, call: ast.Call) -> bool:
        return name.endswith((".format", ".format_map")) and not (
            isinstance(call.func, ast.Attribute)
            and (
                fixed(call.func.value) or isinstance(call.func.value, ast.Call) or dotted(call.func) == "super().format"
            )
        )

    assert {name for name in users(formats_something_else) if COMMANDS not in name} == set()


def test_templates_are_files() -> None:
    assert users(lambda name, _: name.rpartition(".")[2] in {"from_string", "Template"}) == set()


SAFE = {"mark_safe", "SafeString", "SafeText", "html_safe", "Markup"}


def test_text_is_called_safe_only_where_it_was_escaped() -> None:
    safe = users(lambda name, _: name.rpartition(".")[2] in SAFE)
    assert safe == {
        "accounts.templatetags.portal",  # nothing, where there is nothing
        "registration.desk.figures.svg",  # the same
        "registration.wizard.widgets",  # joins what format_html has made
        "sms.outbox.delivery",  # a text message is no HTML
        "tamin_portal.rendering",  # controls of forms, whose names, values and labels it has escaped
    }


def test_forms_and_admin_name_their_fields() -> None:
    for path in sources(*APPS):
        texts = {node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant)} - {None}
        assert "__all__" not in texts, path
    assert users(lambda name, _: name.rpartition(".")[2] in {"modelform_factory", "model_to_dict"}) == set()


def test_one_page_needs_no_token_and_has_a_secret_of_its_own() -> None:
    """Besides: what services ask, with a proof of their own; and two pages that a POST only sends on as a GET."""
    assert importers("django.views.decorators.csrf.csrf_exempt") == {
        "sms.backends.kavenegar.callback",
        "sso.protocol.views",
        "sso.pages.views",
        "sso.endings.views",
    }


def test_connections_are_made_in_one_room() -> None:
    """Where deadlines, certificates and redirects are seen to; addresses are those of the settings."""
    assert importers(
        "httpx", "urllib3", "requests", "urllib.request", "http.client", "aiohttp", "smtplib", "ftplib"
    ) == {"infra.http"}
    assert importers("socket", "ssl") == {
        "infra.deadlines",
        "infra.http",
        "tamin_portal.pulse",  # systemd's own, which is told that this process lives
        "tamin_portal.worker_pool",  # a pair within the process, by which its threads wake it
    }


def test_cryptography_is_that_of_libraries_and_of_today() -> None:
    assert importers("cryptography") == {"registration.identity.tokens"}
    assert importers("cryptography.hazmat.primitives.ciphers.aead.AESGCM") == {"registration.identity.tokens"}
    for path in sources(*APPS):
        for name, call in calls(path):
            if name.startswith("hashlib."):
                assert name == "hashlib.sha256", path
            if name == "hmac.new" or (name == "hmac.digest" and ast.unparse(call.args[2]) != "'sha256'"):
                raise AssertionError(f"{path}: {name}")
            if name == "salted_hmac":
                assert {"algorithm": "'sha256'"}.items() <= {
                    str(keyword.arg): ast.unparse(keyword.value) for keyword in call.keywords
                }.items(), path


def test_secrets_are_compared_in_constant_time() -> None:
    """Whatever is computed by hmac is compared by compare_digest, or looked up as a whole."""
    for path in sources(*APPS):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                sides = [dotted(side.func) for side in (node.left, *node.comparators) if isinstance(side, ast.Call)]
                assert not {"derive", "codes.derive", "hmac.digest", "codes.matches"} & set(sides), path


def test_scripts_compare_strictly_and_copy_nothing_into_objects() -> None:
    """Nor do they speak to other windows; the tabs of one origin share a BroadcastChannel."""
    for path in sources("static/js", ending=".js"):
        source = re.sub(r"//.*", "", path.read_text("utf-8"))
        assert not re.search(r"[^=!<>]==[^=]|!=[^=]", source), path
        assert not re.search(r"__proto__|prototype|Object\.(assign|fromEntries|defineProperty)|JSON\.parse", source), (
            path
        )
        assert not re.search(
            r"WebSocket|EventSource|window\.addEventListener\(\"message\"|window\.open|parent\.|opener", source
        ), path


def test_the_scan_knows_the_scripts() -> None:
    assert {path.name for path in (ROOT / "static" / "js").glob("*.js")} >= {"app.js", "session.js"}
