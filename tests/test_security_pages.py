"""The pages in docs/security: what they say of tables, keys and deletion is what the code has."""

import ast
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings

from accounts import retention as accounts_retention
from accounts.passwords.common import is_common
from accounts.sign_in import devices
from registration.lifecycle import retention as request_retention
from sms.otp import retention as challenge_retention
from sms.outbox import retention as message_retention
from sso import retention as service_retention
from tests.source_code import APPS, ROOT, sources, tree

DATA = (ROOT / "docs/security/data.md").read_text("utf-8")
KEYS = (ROOT / "docs/security/operation.md").read_text("utf-8")
AUTHENTICATION = (ROOT / "docs/security/authentication.md").read_text("utf-8")


def section(page: str, title: str) -> str:
    [text] = re.findall(rf"^## {title}$(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return str(text)


def classes() -> dict[str, set[str]]:
    """Label of each table → the columns that the page gives a class."""
    found: dict[str, set[str]] = {}
    for row in section(DATA, "Tables").splitlines():
        if row.startswith("| `"):
            tables, *columns = [cell.strip() for cell in row.strip("|").split("|")]
            names = {name.strip() for cell in columns for name in cell.split(",") if name.strip()}
            found |= dict.fromkeys(re.findall("`([^`]+)`", tables), names)
    return found


def test_every_column_of_every_table_has_a_class() -> None:
    known = classes()
    without = {}
    for model in apps.get_models():
        columns = {field.column for field in model._meta.local_concrete_fields}
        plain = {name for name in columns if name == "id" or (name or "").endswith("_id")} - {"provider_id", "local_id"}
        if missing := columns - plain - known.get(model._meta.label, set()):
            without[model._meta.label] = missing
    assert without == {}


def test_no_class_is_given_to_what_is_gone() -> None:
    models = {model._meta.label: model for model in apps.get_models()}
    assert classes().keys() <= models.keys()
    shared = {"name", "codename", "app_label", "model"}
    for label, names in classes().items():
        columns = {field.column for field in models[label]._meta.local_concrete_fields}
        assert names - columns - (shared if label.startswith(("auth.", "contenttypes.")) else set()) == set(), label


@pytest.mark.parametrize(
    ("told", "lifetime"),
    [
        ("| drafts | 24 hours ", request_retention.DRAFT_LIFETIME),
        ("| notes of paid questions | after 30 days ", request_retention.CHECK_LIFETIME),
        ("| text messages | 30 days ", message_retention.LEDGER_LIFETIME),
        ("| OTP challenges | 48 hours ", challenge_retention.CHALLENGE_LIFETIME),
        ("| recoveries | 30 days ", accounts_retention.RUN_LEDGER_LIFETIME),
        ("| devices | 90 days ", devices.LIFETIME),
        ("| sign-ins at services | 24 hours ", service_retention.ENDED_LIFETIME),
        ("| notices of sign-outs | 7 days ", service_retention.NOTICE_LIFETIME),
    ],
)
def test_rows_live_as_long_as_the_page_says(told: str, lifetime: timedelta) -> None:
    assert told in section(DATA, "Retention")
    [(number, unit)] = re.findall("([0-9]+) (hours|days)", told)
    assert lifetime == timedelta(**{unit: int(number)})


def test_every_key_that_is_derived_is_in_the_inventory() -> None:
    labels = {
        node.value.decode()
        for path in sources(*APPS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, bytes) and len(node.value) > 8
    }
    assert {"tamin-portal one-time code", "tamin-portal staff factor"} <= labels
    assert {label for label in labels if f'"{label}"' not in section(KEYS, "Keys")} == set()


def test_every_secret_setting_is_in_the_inventory() -> None:
    text = (ROOT / "tamin_portal/settings.py").read_text("utf-8")
    names = set(re.findall(r'env\.(?:secret|basic|keys)\(\s*"([A-Z_]+)"', text))
    assert "SECRET_KEY" in names
    families = {name.partition("_")[0] + "_…" for name in names}
    listed = set(re.findall("`([^`]+)`", section(KEYS, "Keys")))
    assert {name for name in names if name not in listed and not name.startswith("GSB_")} == set()
    assert "GSB_…" in families & listed


def test_the_words_that_the_page_names_are_refused() -> None:
    [listed] = re.findall(r"organization and\s+portal \(([^)]*)\)", AUTHENTICATION)
    words = re.findall("`([a-z]+)`", listed)
    assert len(words) > 5
    assert [word for word in words if not is_common(f"{word.capitalize()}1404!")] == []


def test_times_of_sessions_are_those_of_the_page() -> None:
    page = section(AUTHENTICATION, "Sessions")
    assert settings.SESSION_IDLE_SECONDS == 15 * 60
    assert "| ends after idling | 15 minutes" in page
    assert (settings.CITIZEN_SESSION_SECONDS, settings.STAFF_SESSION_SECONDS) == (4 * 3600, 8 * 3600)
    assert "| 4 hours after the sign-in | 8 hours |" in page
    assert f"{devices.MOST} known devices" in page
