"""Pages that list what the code has leave nothing out."""

import ast
import re

from tests.source_code import APPS, ROOT, sources, tree

ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")
OPERATIONS = (ROOT / "docs/operations.md").read_text("utf-8")
NOT_IN_ROOMS = {"management", "templatetags"}  # commands are in docs/contract.md


def test_every_module_stands_in_its_room() -> None:
    rows: dict[str, str] = {}
    app = ""
    for row in re.findall(r"^\| .* \|$", ARCHITECTURE.partition("## 3 ")[0], re.MULTILINE):
        package, room, holds = (cell.strip() for cell in row.strip("|").split("|"))
        app = package.strip("`/") or app
        rows[f"{app}/{room.strip('`/').replace('root', '')}".rstrip("/")] = holds
    missing = set()
    for path in sources(*APPS):
        names = path.relative_to(ROOT).with_suffix("").parts
        if path.stem == "__init__" or NOT_IN_ROOMS & set(names):
            continue
        room = "/".join(names[:2]) if "/".join(names[:2]) in rows else names[0]
        if not any(f"`{name}`" in rows[room] for name in names[1:]):  # a small package stands as one
            missing.add("/".join(names))
    assert missing == set()


def test_every_event_of_the_security_log_is_explained() -> None:
    told = {
        call.args[0].value
        for path in sources(*APPS)
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "security_log.tell"
        and isinstance(call.args[0], ast.Constant)
    }
    assert {"password", "operator"} <= told
    section = OPERATIONS.partition("## What the log says")[2].partition("\n## ")[0]
    explained = {
        name
        for cell in re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
        for name in re.findall("`([a-z-]+)`", cell)
    }
    assert explained == told
