"""Keys of ID tokens: made, announced, used, retired by a command; nobody is lost meanwhile."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from joserfc import jwt
from joserfc.jwk import ECKey

from sso import keys
from sso.models import ALGORITHMS
from tests.sso.relying import AFTER, Relying, header, led_to, read

pytestmark = pytest.mark.django_db
DAY = 86_400


@pytest.fixture
def file(settings: Any, tmp_path: Path) -> Path:
    """A file of this test's own, with the first keys."""
    settings.SSO_KEYS_FILE = str(tmp_path / "keys.json")
    act("make")
    return tmp_path / "keys.json"


def act(*words: str) -> str:
    said = StringIO()
    call_command("sso_keys", *words, stdout=said)
    keys.current.forget()
    return said.getvalue()


def held(file: Path) -> list[dict[str, Any]]:
    return list(json.loads(file.read_text("ascii"))["keys"])


def age(file: Path, seconds: int) -> None:
    """As if what was done to the file had been done so long ago."""
    from datetime import datetime, timedelta

    rows = held(file)
    for row in rows:
        for name in ("announced_at", "used_from"):
            if row[name]:
                row[name] = (datetime.fromisoformat(row[name]) - timedelta(seconds=seconds)).isoformat()
    file.write_text(json.dumps({"keys": rows}), "ascii")


def shown() -> set[str]:
    return {key["kid"] for key in Client().get("/o/jwks.json").json()["keys"]}


def test_the_first_keys_sign_at_once_and_only_their_owner_reads_the_file(file: Path) -> None:
    assert keys.is_offered()
    assert {key["alg"] for key in held(file)} == set(ALGORITHMS)
    assert file.stat().st_mode & 0o777 == 0o600
    assert act("list").count("signs") == 2
    assert all(re.fullmatch("[0-9a-f]{32}", key["kid"]) for key in held(file))  # nothing that looks like an option


def test_new_keys_are_announced_then_sign_then_the_old_ones_go(browser: Client, connected: Relying, file: Path) -> None:
    first = connected.tokens(browser)["id_token"]
    old = {key["kid"] for key in held(file)}
    act("make")
    new = [key["kid"] for key in held(file) if key["kid"] not in old]
    assert shown() == {*old, *new}
    assert header(connected.tokens(browser)["id_token"])["kid"] in old
    for kid in new:
        with pytest.raises(CommandError, match="less than a day ago"):
            act("use", kid)
    age(file, DAY)
    for kid in new:
        act("use", kid)
    second = connected.tokens(browser)["id_token"]
    assert header(second)["kid"] in new
    assert read(first)["sub"] == read(second)["sub"]  # the old one still is in the JWKS
    for kid in old:
        with pytest.raises(CommandError, match="less than a day"):
            act("retire", kid)
    age(file, DAY)
    for kid in old:
        act("retire", kid)
    assert shown() == set(new)
    response = browser.get("/o/logout", {"id_token_hint": second, "post_logout_redirect_uri": AFTER})
    assert led_to(response) == AFTER


def test_a_hint_of_a_key_before_counts(browser: Client, connected: Relying, file: Path) -> None:
    hint = connected.tokens(browser)["id_token"]
    act("make")
    for key in held(file):
        if not key["used_from"]:
            act("use", key["kid"], "--now")
    response = browser.get("/o/logout", {"id_token_hint": hint, "post_logout_redirect_uri": AFTER})
    assert led_to(response) == AFTER


def test_the_key_that_signs_stays(file: Path) -> None:
    for key in held(file):
        with pytest.raises(CommandError, match="use another one first"):
            act("retire", key["kid"], "--now")


@pytest.mark.parametrize("words", [("use",), ("retire",), ("make", "x"), ("use", "nobody"), ("retire", "nobody")])
def test_wrong_words_change_nothing(file: Path, words: tuple[str, ...]) -> None:
    before = file.read_bytes()
    with pytest.raises(CommandError):
        act(*words)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"keys": 1}', '{"keys": [{"alg": "HS256"}]}', '{"keys": [{"alg": "ES256"}]}']
)
def test_a_file_that_is_none_of_ours_offers_nothing(file: Path, content: str) -> None:
    file.write_text(content, "ascii")
    keys.current.forget()
    assert not keys.is_offered()
    assert Client().get("/o/jwks.json").status_code == 404


def test_without_a_setting_there_is_no_file(settings: Any) -> None:
    settings.SSO_KEYS_FILE = ""
    with pytest.raises(CommandError, match="SSO_KEYS_FILE"):
        act("make")


def test_what_others_signed_is_not_ours() -> None:
    assert keys.verified("x") is None
    assert keys.verified(jwt.encode({"alg": "ES256"}, {"sub": "x"}, ECKey.generate_key("P-256"))) is None
