"""What every file of the project keeps to, read from the files themselves."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib import admin, auth
from django.core.management import call_command

from tests.source_code import APPS, ROOT, imported, module, of, sources, tree

ROWS = ("sms.models", "accounts.models", "registration.models", "infra.leases")
LONGEST_FILE = 300
HEARD = {
    "registration.apps": {"signals", "post_migrate"},  # makes the desk's roles
    "tamin_portal.apps": {"signals", "pre_migrate", "post_migrate"},  # without the limit of time
}


def test_rules_are_not_hidden_in_save_and_signals() -> None:
    for path in sources(*APPS):
        names = imported(path)
        if any(of(rows, {module(path)}) for rows in ROWS):
            defined = {node.name for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)}
            assert defined & {"save", "delete", "clean", "full_clean"} == set(), path
        heard = of("django.db.models.signals", names) | of("django.dispatch", names)
        assert {name.rpartition(".")[2] for name in heard} <= HEARD.get(module(path), set()), path


def test_one_module_knows_the_calendars_library() -> None:
    users = [path for path in sources(*APPS, "devtools") if of("jdatetime", imported(path))]
    assert users == [ROOT / "iran" / "jalali.py"]


def test_one_module_writes_csv() -> None:
    """It knows what a spreadsheet takes for a formula."""
    for path in sources(*APPS):
        names = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)} | imported(path)
        writes = names & {"writer", "DictWriter", "csv.writer", "csv.DictWriter"}
        assert not writes or path == ROOT / "infra" / "spreadsheet.py", path


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


def test_a_test_empties_no_database_but_its_own() -> None:
    """The workers of a run share one Redis, each in a numbered database."""
    for path in sources("tests"):
        calls = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
        assert "flushall" not in calls, path


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
    own = {path.name for path in (ROOT / "templates" / "pages" / "registration").iterdir()}
    assert own & (taken | {"login.html"}) == set()


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
