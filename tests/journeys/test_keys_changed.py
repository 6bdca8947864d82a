"""Every key is changed while people are at it, by the steps that an operator takes: nobody notices.

Between two steps some processes have read the files anew and others have not, so each of two settings must accept what
the other one makes.
"""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import StaffFactor, User
from accounts.sign_in import totp
from infra import security_log
from registration.identity import tokens
from registration.identity.time_budget import TimeBudget
from registration.identity.tokens import Account, Token
from tests.accounts.acts import link
from tests.accounts.helpers import PASSWORD, PROFILE, make_account, sign_in, signed_in
from tests.accounts.recovery.recovering import leads_to
from tests.production import ROOT
from tests.registration.desk.factor import set_up_app
from tests.registration.wizard.walking import (
    ACTIVATION,
    CONTACT,
    IDENTITY,
    RECEIVED,
    WIZARD,
    Citizen,
    activate,
    assert_leads_to,
    code_on_phone,
    contact,
    identify,
    open_step,
    send,
)

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
NAMES = ("secret_key", "codes_key", "factors_key", "tokens_key", "fingerprints_key")
EMAIL = f"{PROFILE}email/"


class Keys:
    """The files of an installation. `is_new`: each purpose has a secret of its own; else SECRET_KEY serves all."""

    def __init__(self, directory: Path, settings: Settings, *, is_new: bool) -> None:
        self.directory, self.settings = directory, settings
        if not is_new:
            (directory / "secret_key").write_text(settings.SECRET_KEY, encoding="ascii")
        self._run("make_secrets.py", str(directory))
        self.be_started()

    def step(self, name: str, step: str) -> None:
        self._run("rotate_key.py", name, str(self.directory), step)

    def files(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in NAMES:
            found[name.upper()] = (self.directory / name).read_text("ascii").strip()
            found[f"{name.upper()}_FALLBACKS"] = (self.directory / f"{name}_fallbacks").read_text("ascii").split()
        return found

    def be_started(self, files: dict[str, Any] | None = None) -> None:
        """Read the files as a process does that is started; or be one that was started when these were the files."""
        for setting, value in (files or self.files()).items():
            setattr(self.settings, setting, value)
        tokens.forget()

    @staticmethod
    def _run(script: str, *arguments: str) -> None:
        subprocess.run([sys.executable, str(ROOT / "deploy" / script), *arguments], check=True, capture_output=True)


class Service:
    fetched = 0

    def fetch(self, seconds: float) -> Token:
        self.fetched += 1
        return Token(f"token-{self.fetched}", 3600)

    def token(self) -> str:
        return tokens.token(Account("stand-in", ("key",), self.fetch), TimeBudget())


@pytest.mark.parametrize("is_new", [True, False], ids=["own-keys", "one-key-for-all"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_is_open_is_lost(
    name: str, is_new: bool, tmp_path: Path, settings: Settings, new_client: NewClient
) -> None:
    keys = Keys(tmp_path, settings, is_new=is_new)
    narges, maryam = Citizen(21), Citizen(22, "مریم")
    narges.enter_registry()
    maryam.enter_registry()
    hers, other, profile = new_client(), new_client(), new_client()
    sara, clerk, service = make_account(11, email="old@example.com"), make_account(12, is_staff=True), Service()
    assert contact(hers, narges).status_code == 302
    sign_in(profile, sara)
    assert leads_to(profile.post(EMAIL, {"current_password": PASSWORD, "email": "new@example.com"}), PROFILE)
    e_mailed = link()
    app = set_up_app(clerk)
    assert service.token() == "token-1"

    keys.step(name, "announce")
    keys.be_started()
    assert activate(hers, narges).status_code == 302  # the code is sent and typed now, asked for before
    mark = hers.get(WIZARD).context["form"]["draft_mark"].value()
    assert open_step(other) == CONTACT
    assert contact(other, maryam).status_code == 302
    assert signed_in(profile)
    assert totp.use(clerk, app(-1), "192.0.2.1") is not None

    keys.step(name, "use")
    keys.be_started()
    assert_leads_to(identify(hers, narges, draft_mark=mark), RECEIVED)
    assert activate(other, maryam).status_code == 302
    assert open_step(other) == IDENTITY
    assert signed_in(profile)
    assert totp.use(clerk, app(0), "192.0.2.1") is not None
    assert leads_to(profile.post(e_mailed), PROFILE)
    assert User.objects.get(pk=sara.pk).email == "new@example.com"
    assert service.token() == "token-1"

    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        assert signed_in(profile)
        assert open_step(other) == IDENTITY
    keys.step(name, "retire")
    keys.be_started()
    assert signed_in(profile)  # was seen since, so it is bound to the key in use; likewise the next one
    assert open_step(other) == IDENTITY
    of_the_token = "tokens_key" if is_new else "secret_key"
    assert service.token() == ("token-2" if name == of_the_token else "token-1")


@pytest.mark.parametrize("step", ["announce", "use"])
@pytest.mark.parametrize("name", NAMES)
def test_who_is_not_started_again_yet_reads_what_the_others_make(
    name: str, step: str, tmp_path: Path, settings: Settings, new_client: NewClient
) -> None:
    """And the other way round: the same people meet one process and the other, by turns."""
    keys, narges, service = Keys(tmp_path, settings, is_new=True), Citizen(21), Service()
    sara, clerk, browser, profile = make_account(11), make_account(12, is_staff=True), new_client(), new_client()
    if step == "use":
        keys.step(name, "announce")
    before = keys.files()
    keys.step(name, step)
    after = keys.files()
    keys.be_started(before)
    sign_in(profile, sara)
    assert service.token() == "token-1"

    keys.be_started(after)
    assert contact(browser, narges).status_code == 302
    app = set_up_app(clerk)
    assert signed_in(profile)
    assert service.token() == "token-1"
    keys.be_started(before)
    code = code_on_phone(narges)
    assert signed_in(profile)
    assert totp.use(clerk, app(0), "192.0.2.1") is not None
    keys.be_started(after)
    assert send(browser, ACTIVATION, {"code": code}).status_code == 302
    mark = browser.get(WIZARD).context["form"]["draft_mark"].value()
    assert signed_in(profile)
    keys.be_started(before)
    assert_leads_to(identify(browser, narges, draft_mark=mark), RECEIVED)


def test_fingerprints_and_counters_are_the_same_until_their_own_key_changes(tmp_path: Path, settings: Settings) -> None:
    keys = Keys(tmp_path, settings, is_new=True)
    before = security_log.fingerprint("account", "0012345678")
    for name in NAMES:
        keys.step(name, "announce")
        if name != "fingerprints_key":
            keys.step(name, "use")
        keys.be_started()
        assert security_log.fingerprint("account", "0012345678") == before
    keys.step("fingerprints_key", "use")
    keys.be_started()
    assert security_log.fingerprint("account", "0012345678") != before


def test_the_command_tells_what_hangs_on_which_key(tmp_path: Path, settings: Settings, new_client: NewClient) -> None:
    keys, out = Keys(tmp_path, settings, is_new=True), StringIO()
    old_app, new_app, before_names = (make_account(number, is_staff=True) for number in (11, 12, 13))
    totp.give(old_app)
    StaffFactor.objects.create(user=before_names, nonce=bytes(16))
    assert contact(new_client(), Citizen(21)).status_code == 302
    for step in ("announce", "use"):
        keys.step("factors_key", step)
    keys.be_started()
    totp.give(new_app)

    call_command("keys", stdout=out)
    told = [line.split() for line in out.getvalue().splitlines()[1:]]
    apps = [line for line in told if line[0] == "clerks'"]
    assert [line[0] for line in told if line[0] == "codes"] == ["codes"] * 2  # its own key, and the one of SECRET_KEY
    assert told[0][2:] == ["in", "use", "1"]
    assert [(line[3], line[-1]) for line in apps] == [("in", "1"), ("accepted", "0"), ("accepted", "1"), ("1", "1")]
    assert "-" not in out.getvalue()  # signs that every secret has
