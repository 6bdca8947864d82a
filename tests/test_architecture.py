"""What docs/architecture.md promises about the shape of the code, read from the code itself."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from celery import current_app
from django.contrib import admin, auth
from django.core.management import call_command

from devtools import run

ROOT = Path(__file__).parents[1]
APPS = ("sms", "accounts", "registration", "tamin_portal")  # each may import those before it, never one behind it
LONGEST_FILE = 300

VIEWS = re.compile("(.*_)?(views|urls|admin)")
ROWS = ("models", "registry", "provider_rows", "leases", "validators")
# The browser's side, of which a rule knows nothing, nor anything that it is built on.
BROWSER = ("django.http", "django.forms", "django.shortcuts", "django.urls", "django.contrib.messages")
RULES = {
    "sms": ["verification", "outbox", "delivery", "limits", "leases", "codes", "work"],
    "accounts": ["validators", "persian", "romanise", "jalali", "passwords", "models", "answers"],
    "registration": ["decisions", "submission", "inquiry", "purging", "texts", "tracking", "models", "registry"],
}


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


@pytest.mark.parametrize("app", APPS)
def test_imports_go_one_way(app: str) -> None:
    behind = [*APPS[APPS.index(app) + 1 :], "tests", "devtools"]
    for path in sources(app):
        for package in behind:
            assert of(package, imported(path)) == set(), path


def test_views_are_imported_by_addresses_and_views_alone() -> None:
    views = {module(path) for path in sources(*APPS) if VIEWS.fullmatch(path.stem)}
    assert {"accounts.views", "registration.views", "registration.admin", "sms.views"} <= views
    for path in sources(*APPS):
        if not VIEWS.fullmatch(path.stem):
            assert imported(path) & views == set(), path


@cache
def modules() -> dict[str, Path]:
    return {module(path): path for path in sources(*APPS)}


def reached_from(name: str) -> set[str]:
    """Modules of ours that come along when this one is imported."""
    found, todo = {name}, [name]
    while todo:
        new = imported(modules()[todo.pop()]) & modules().keys() - found
        found |= new
        todo += new
    return found


@pytest.mark.parametrize("app", RULES)
def test_rules_know_nothing_of_browsers(app: str) -> None:
    for rule in RULES[app]:
        for name in reached_from(f"{app}.{rule}"):
            for package in BROWSER:
                assert of(package, imported(modules()[name])) == set(), f"{app}.{rule} → {name}"


@pytest.mark.parametrize("app", APPS[:3])
def test_models_know_no_verbs(app: str) -> None:
    """Models import other models, validators and what they are built of; nothing that acts on them."""
    allowed = {f"{other}.{name}" for other in APPS for name in ROWS}
    reached = {name for name in imported(ROOT / app / "models.py") if name.split(".")[0] in APPS}
    assert {name for name in reached if not any(of(base, {name}) for base in allowed)} == set()


@pytest.mark.parametrize("name", ["validators", "persian", "romanise", "jalali", "passwords"])
def test_validators_know_no_models(name: str) -> None:
    names = imported(ROOT / "accounts" / f"{name}.py")
    assert of("accounts.models", names) | of("django.db", names) == set()


def test_no_module_imports_itself_by_way_of_others() -> None:
    edges = {name: imported(path, whole=False) & modules().keys() - {name} for name, path in modules().items()}
    done: set[str] = set()

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " → ".join([*above, name])
        if name not in done:
            for other in edges[name]:
                visit(other, (*above, name))
            done.add(name)

    for name in modules():
        visit(name, ())


def test_rules_are_not_hidden_in_save_and_signals() -> None:
    for path in sources(*APPS):
        names = imported(path)
        if path.stem in ROWS:
            defined = {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)}
            assert defined & {"save", "delete", "clean", "full_clean"} == set(), path
        assert of("django.db.models.signals", names) | of("django.dispatch", names) == set(), path


def test_tasks_are_shells() -> None:
    for app in ("sms", "registration"):
        functions = [node for node in tree(ROOT / app / "tasks.py").body if isinstance(node, ast.FunctionDef)]
        for function in functions:
            body = function.body[1:] if ast.get_docstring(function) else function.body
            assert len(body) <= 3, f"{app}.tasks.{function.name}"


def test_one_module_knows_the_calendars_library() -> None:
    users = [path for path in sources(*APPS, "devtools") if of("jdatetime", imported(path))]
    assert users == [ROOT / "accounts" / "jalali.py"]


def test_numbers_are_read_as_ascii_digits_alone() -> None:
    r"""`\d`, `isdigit` and their like accept the digits of forty scripts; limits and unique columns do not."""
    for path in sources(*APPS):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"\\[dDwW]", node.value), f"{path}:{node.lineno}"
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"isdigit", "isnumeric"}, f"{path}:{node.lineno}"
    for path in sources("static/js", ending=".js"):
        assert not re.search(r"\\[dD]", path.read_text("utf-8")), path


def test_randomness_is_unguessable() -> None:
    for path in sources(*APPS, "devtools"):
        assert of("random", imported(path)) == set(), path


def written_by_hand() -> Iterator[Path]:
    yield from sources(*APPS, "tests", "devtools", "deploy", "benchmarks")
    for folder, ending in (("templates", ".html"), ("templates", ".txt"), ("static", ".css"), ("static", ".js")):
        yield from sources(folder, ending=ending)


def test_files_are_short() -> None:
    lengths = {path: path.read_text("utf-8").count("\n") for path in written_by_hand()}

    too_long = {module(path): length for path, length in lengths.items() if length > LONGEST_FILE}
    assert too_long == {}
    apps = [length for path, length in lengths.items() if path.relative_to(ROOT).parts[0] in APPS]
    assert sum(apps) / len(apps) < 100


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    others = [path for folder in ("docs", "deploy") for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in [*written_by_hand(), *others, *ROOT.glob("*.*"), ROOT / "Makefile"]:
        if path.is_file() and path.suffix not in {".pyc", ".woff2"}:
            text = path.read_text("utf-8", errors="replace")
            assert not re.search(r"/(home|Users)/[a-z]+/", text), path
            assert f"{ROOT}/" not in text, path


def test_letters_are_persian() -> None:
    texts = [*sources("templates", ending=".html"), *sources("templates", ending=".txt"), *ROOT.glob("locale/*/*/*.po")]
    for path in [*texts, *sources("registration/data", ending=".csv"), *sources("registration/data", ending=".tsv")]:
        assert not re.search("[يىك]", path.read_text("utf-8")), path


def test_no_template_takes_a_name_of_djangos() -> None:
    """Its views would draw ours without a word."""
    taken = {
        path.name
        for package in (admin, auth)
        for path in (Path(str(package.__file__)).parent / "templates" / "registration").iterdir()
    }
    assert "password_change_form.html" in taken
    own = {path.name for path in (ROOT / "templates" / "registration").iterdir()}
    assert own & (taken | {"login.html"}) == set()


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def queues_named(path: Path) -> set[str]:
    """What stands behind `queue=` in calls."""
    keywords = [word for node in ast.walk(tree(path)) if isinstance(node, ast.Call) for word in node.keywords]
    return {
        str(word.value.value)
        for word in keywords
        if word.arg == "queue" and isinstance(word.value, ast.Constant) and isinstance(word.value.value, str)
    }


def test_every_queue_is_declared_and_has_its_worker() -> None:
    declared = {queue.name for queue in current_app.conf.task_queues}
    named = set().union(*(queues_named(path) for path in sources(*APPS)))
    compose = set(re.findall("--queues, ([a-z]+)", (ROOT / "docker-compose.yml").read_text("utf-8")))

    assert named == {"codes", "sms", "work"} == declared
    assert set(run.QUEUES) == compose == declared
    assert current_app.conf.task_default_queue in declared
    assert current_app.conf.task_create_missing_queues is False
