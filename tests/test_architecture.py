"""What docs/architecture.md promises about the rooms of the code, read from the code itself."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from celery import current_app

from devtools import run
from tamin_portal.celery import QUEUES
from tests.source_code import APPS, ROOT, imported, module, of, sources, tree

MOST_AT_ROOT = 9  # modules of an app beside its rooms

# The order inside of an app: a module imports its own line and the lines above it. The longest name that fits counts.
ORDER = {
    "sms": (
        "models",
        "limits backends otp.codes",
        "provider_status",
        "outbox",
        "otp",
        "statistics checks tasks",
        "views backends.kavenegar.callback backends.kavenegar.urls urls apps management",
    ),
    "accounts": (
        "models",
        "events staff.events notices email_field passwords questions protection",
        "sign_in",
        "staff",
        "templatetags",
        "recovery",
        "errands",
        "profile",
        "retention",
        "tasks urls apps management",
    ),
    "sso": (
        "models",
        "keys",
        "expiry use",
        "person",
        "protocol.tokens",
        "endings.ends",
        "protocol",
        "pages",
        "endings",
        "desk",
        "demo",
        "retention",
        "tasks urls apps management",
    ),
    "registration": (
        "models",
        "lifecycle",
        "identity",
        "registry",
        "statistics figures",
        "pages",
        "wizard",
        "desk",
        "tasks urls apps admin management",
    ),
}
# What acts on rows without knowing who asks: nothing of a browser comes along when one of these is imported.
RULES = (
    *("infra", "iran.numbers", "iran.names", "iran.letters", "iran.romanise", "iran.jalali"),
    *("sms.models", "sms.limits", "sms.outbox", "sms.otp.challenge", "sms.otp.codes", "sms.statistics", "sms.tasks"),
    *("accounts.models", "accounts.notices", "accounts.passwords.rules", "accounts.questions.rules"),
    *("accounts.events", "accounts.errands"),
    *("registration.models", "registration.lifecycle", "registration.identity", "registration.registry"),
    *("registration.tasks", "registration.figures"),
    *("sso.models", "sso.keys", "sso.protocol.tokens", "sso.endings.ends", "sso.endings.notices", "sso.retention"),
    "sso.tasks",
)
BROWSER = ("django.http", "django.forms", "django.shortcuts", "django.urls", "django.contrib.messages")
# Forms that ask for a secret: cleaning them counts a try. That of any other form changes nothing.
SECRETS = {
    *("ActivationForm", "OtpForm", "AnswersForm", "SignInForm", "DeskSignInForm"),
    *("ConfirmedForm", "PasswordChangeForm", "QuestionsForm", "MobileForm", "EmailForm"),
}
EFFECT = re.compile(
    r"infra\.throttle\.hit|infra\.statements\.run$|django\.db\.transaction\.atomic$|\.objects\..*\.(create|update|delete)$|\.AdminAuthenticationForm$",
    re.DOTALL,
)
ROWS = ("sms.models", "accounts.models", "registration.models", "infra.leases")


@cache
def modules() -> dict[str, Path]:
    return {module(path): path for path in sources(*APPS)}


def ours(name: str) -> set[str]:
    """Modules of ours that a module imports, each by its own name; a package only where it is used itself."""
    found = set()
    for node in ast.walk(tree(modules()[name])):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            dotted = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules() else str(node.module) for name in dotted}
    return found & modules().keys() - {name}


def below(package: str) -> list[str]:
    return sorted(of(package, set(modules())))


@pytest.mark.parametrize("app", APPS)
def test_imports_go_one_way(app: str) -> None:
    behind = [*APPS[APPS.index(app) + 1 :], "tests", "devtools", "benchmarks", *({"iran"} if app == "infra" else ())]
    for path in sources(app):
        for package in behind:
            assert of(package, imported(path)) == set(), path


def test_services_are_signed_in_by_accounts_alone() -> None:
    """Whoever signs people in knows who they are, not how they registered."""
    for path in sources("sso"):
        for package in ("registration", "sms"):
            assert of(package, imported(path)) == set(), path


def place(name: str) -> int:
    """The line of ORDER that a module stands in."""
    app, _, rest = name.partition(".")
    found = {
        entry: line
        for line, entries in enumerate(ORDER[app])
        for entry in entries.split()
        if rest == entry or rest.startswith(f"{entry}.")
    }
    assert found, f"{name} has no line in ORDER"
    return found[max(found, key=len)]


@pytest.mark.parametrize("app", ORDER)
def test_rooms_of_an_app_have_an_order(app: str) -> None:
    for name in below(app):
        for other in ours(name) - {app, name}:
            if other.startswith(f"{app}.") and name != app:
                assert place(other) <= place(name), f"{name} imports {other}"


@pytest.mark.parametrize("app", ORDER)
def test_an_app_has_few_modules_beside_its_rooms(app: str) -> None:
    at_root = [path.stem for path in (ROOT / app).glob("*.py") if path.stem != "__init__"]
    assert len(at_root) <= MOST_AT_ROOT, at_root


def reached_from(name: str) -> set[str]:
    """Modules of ours that come along when this one is imported, packages above it included."""
    found, todo = {name}, [name]
    while todo:
        current = todo.pop()
        above = {current.rsplit(".", count)[0] for count in range(1, current.count(".") + 1)} & modules().keys()
        new = (ours(current) | above) - found
        found |= new
        todo += new
    return found


@pytest.mark.parametrize("package", RULES)
def test_rules_know_nothing_of_browsers(package: str) -> None:
    assert below(package)
    for rule in below(package):
        for name in reached_from(rule):
            for browser in BROWSER:
                assert of(browser, imported(modules()[name])) == set(), f"{rule} → {name}"


def test_handlers_of_addresses_are_imported_by_addresses_alone() -> None:
    """A module whose functions answer requests is nobody's library. The desk's wiring is Django's own site."""
    addresses = {name for name in modules() if name.endswith(".urls")}
    handlers = set().union(*(ours(name) for name in addresses if not name.startswith("tamin_portal")))
    handlers -= {"registration.wizard.flows", "sms.backends"}  # the tables that addresses are made from
    assert {"registration.pages.track", "registration.wizard.views", "sms.backends.kavenegar.callback"} <= handlers
    for name in modules().keys() - addresses:
        assert ours(name) & handlers == set(), name


def test_models_know_no_verbs() -> None:
    """Models import other models and what numbers look like; nothing that acts on them."""
    for package in ROWS[:3]:
        for name in below(package):
            others = {other for other in ours(name) if not any(of(rows, {other}) for rows in (*ROWS, "iran"))}
            assert others == set(), name


def test_what_is_iranian_knows_no_rows() -> None:
    for name in below("iran"):
        assert of("django.db", imported(modules()[name])) == set(), name


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


def uses() -> dict[str, set[str]]:
    """What each function calls, and each class: its bases, and what its methods call. All names are dotted."""
    found: dict[str, set[str]] = {}
    for name, path in modules().items():
        known: dict[str, str] = {}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom):
                known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.FunctionDef | ast.ClassDef):
                known[node.name] = f"{name}.{node.name}"
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                called = [call.func for call in ast.walk(node) if isinstance(call, ast.Call)]
                bases = node.bases if isinstance(node, ast.ClassDef) else []
                split = [ast.unparse(used).partition(".") for used in [*called, *bases]]
                found[known[node.name]] = {known.get(first, first) + dot + rest for first, dot, rest in split}
    return found


def test_cleaning_has_an_effect_only_in_forms_that_ask_for_a_secret() -> None:
    direct, effects = uses(), set()
    for name in direct:
        reached, todo = {name}, [name]
        while todo:
            new = direct.get(todo.pop(), set()) - reached
            reached |= new
            todo += new
        is_form = reached & {"django.forms.Form", "django.contrib.admin.forms.AdminAuthenticationForm"}
        if is_form and name.endswith("Form") and any(map(EFFECT.search, reached)):
            effects.add(name.rpartition(".")[2])
    assert effects == SECRETS


def test_tasks_are_shells() -> None:
    for app in ("sms", "accounts", "registration", "sso"):
        functions = [node for node in tree(ROOT / app / "tasks.py").body if isinstance(node, ast.FunctionDef)]
        for function in functions:
            body = function.body[1:] if ast.get_docstring(function) else function.body
            assert len(body) <= 3, f"{app}.tasks.{function.name}"


def woken() -> dict[str, str]:
    """Name of each task that somebody wakes → where. An f-string counts with every queue put in."""
    found: dict[str, str] = {}
    for path in sources(*APPS):
        calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
        for call in calls:
            for position, argument in enumerate(call.args):
                if isinstance(call.func, ast.Name) and call.func.id == "wake" and position == 0:
                    named = argument
                elif isinstance(argument, ast.Name) and argument.id == "wake":  # partial(wake, "name", …)
                    named = call.args[position + 1]
                else:
                    continue
                text = ast.literal_eval(ast.unparse(named).removeprefix("f"))
                found |= {text.replace("{queue}", queue): module(path) for queue in ("codes", "texts")}
    return found


def test_every_name_that_is_woken_is_a_task_with_a_queue() -> None:
    assert {"registration.check_identity", "sms.deliver", "sms.deliver_code", "sms.drain_texts"} <= woken().keys()
    for name, where in woken().items():
        assert name in current_app.tasks, where
        assert name in current_app.conf.task_routes, where
    for name in current_app.conf.task_routes:
        assert name in current_app.tasks


def test_every_queue_is_declared_and_has_its_worker() -> None:
    declared = {queue.name for queue in current_app.conf.task_queues}
    compose = set(re.findall("--queues, ([a-z]+)", (ROOT / "docker-compose.yml").read_text("utf-8")))

    assert declared == {"codes", "texts", "work"} == set(QUEUES)
    assert set(run.QUEUES) == compose == declared
    assert current_app.conf.task_default_queue in declared
    assert current_app.conf.task_create_missing_queues is False
