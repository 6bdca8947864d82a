"""Reading the project's own source: which files there are, what they import."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
WRITING = {"update", "create", "get_or_create", "update_or_create", "settle", "keep", "claim"}
ROWS = {"Message", "OtpChallenge", "RegistrationRequest"}
APPS = ("infra", "iran", "sms", "accounts", "registration", "sso", "tamin_portal")  # each may import those before it


def sources(*folders: str, ending: str = ".py") -> list[Path]:
    """Files of the project's own; migrations are Django's handwriting."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob(f"*{ending}"))]
    return [path for path in found if "migrations" not in path.parts and "__pycache__" not in path.parts]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path, *, whole: bool = True) -> set[str]:
    """Modules and names that a file imports, dotted; `whole`: also what it imports inside of functions."""
    nodes = ast.walk(tree(path)) if whole else iter(tree(path).body)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where things come from"
            found |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def pictured(heading: str) -> dict[str, set[str]]:
    """The moves that the picture under a heading of docs/architecture.md shows: state → those it may become.

    Arrows from and to the end of the world, `[*]`, are left out.
    """
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    [picture] = re.findall(rf"^## [0-9]+ {heading}$.*?^```mermaid\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    moves: dict[str, set[str]] = {}
    for source, target in re.findall(r"^ +([a-z_]+) --> ([a-z_]+)", picture, re.MULTILINE):
        moves.setdefault(source, set()).add(target)
    return moves


def writers(field: str) -> dict[str, set[str]]:
    """Module → functions in it that may write a field of rows: `update(state=…)`, `row.state = …`, `{"state": …}`,
    `Message(state=…)`."""
    found: dict[str, set[str]] = {}
    for path in sources(*APPS):
        for function in ast.walk(tree(path)):
            if isinstance(function, ast.FunctionDef) and any(_writes(node, field) for node in ast.walk(function)):
                found.setdefault(module(path), set()).add(function.name)
    return found


def _writes(node: ast.AST, field: str) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITING:
        return any(keyword.arg == field for keyword in node.keywords)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ROWS:
        return any(keyword.arg == field for keyword in node.keywords)
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Attribute) and target.attr == field for target in node.targets)
    return isinstance(node, ast.Dict) and any(isinstance(key, ast.Constant) and key.value == field for key in node.keys)


def of(package: str, names: set[str]) -> set[str]:
    return {name for name in names if name == package or name.startswith(f"{package}.")}
