"""Reading the project's own source: which files there are, what they import."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
APPS = ("infra", "iran", "sms", "accounts", "registration", "tamin_portal")  # each may import those before it


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


def of(package: str, names: set[str]) -> set[str]:
    return {name for name in names if name == package or name.startswith(f"{package}.")}
