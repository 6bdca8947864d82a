"""deploy/rotate_key.sh and .py: which key is in use and which are accepted, after each step and between two lines."""

import os
import subprocess
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

from tests.production import ROOT

KEY = "factors_key"


def run(script: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [*(["sh"] if script.endswith(".sh") else ["python3"]), f"deploy/{script}", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def keys(directory: Path, name: str = KEY) -> tuple[list[str], list[str]]:
    """The one in use; those that are accepted beside it."""
    return (directory / name).read_text("ascii").split(), (directory / f"{name}_fallbacks").read_text("ascii").split()


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    directory = tmp_path / "kept"
    directory.mkdir()
    assert run("make_secrets.py", str(directory)).returncode == 0
    return directory


def test_one_command_takes_both_steps_with_a_restart_after_each(kept: Path, tmp_path: Path) -> None:
    """Where there is no Docker, as deploy/rotate_key.sh says; what a restart would have read is kept for us."""
    seen, folders = tmp_path / "seen", tmp_path / "folders"
    for folder in run_path(str(ROOT / "deploy/make_secrets.py"))["HANDED_OUT"]:
        (folders / folder).mkdir(parents=True)
    restart = tmp_path / "restart.sh"
    restart.write_text(f"echo $(cat {folders}/key/{KEY}) $(cat {folders}/key/{KEY}_fallbacks) >> {seen}\n")
    environment = {"STEP": f"python3 deploy/rotate_key.py KEY {kept} {folders}", "RESTART": f"sh {restart}"}
    [old], _ = keys(kept)

    ended = run("rotate_key.sh", KEY, **environment)
    assert (ended.returncode, ended.stderr) == (0, "")
    [new], [other] = keys(kept)
    assert other == old != new
    assert [line.split() for line in seen.read_text("ascii").splitlines()] == [[old, new], [new, old]]

    assert run("rotate_key.sh", KEY, "retire", **environment).returncode == 0
    assert keys(kept) == ([new], [])
    assert seen.read_text("ascii").splitlines()[-1].split() == [new]
    assert old not in ended.stdout
    assert new not in ended.stdout


def test_each_key_is_its_own_and_an_older_installation_gets_one_by_the_same_steps(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("the-one-key-of-an-older-installation-" * 2)
    assert run("make_secrets.py", str(tmp_path)).returncode == 0
    assert keys(tmp_path) == ([], [])
    (tmp_path / "data_url").write_text("elsewhere")
    for step in ("announce", "announce", "use"):
        assert run("rotate_key.py", KEY, str(tmp_path), step).returncode == 0
    [own], others = keys(tmp_path)
    assert (len(own) > 80, others) == (True, [])
    assert (tmp_path / "data_url").read_text() == "elsewhere"  # where the servers are is not its business
    assert keys(tmp_path, "secret_key") == (["the-one-key-of-an-older-installation-" * 2], [])


def test_between_two_lines_no_key_is_missing(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever process starts meanwhile accepts the old key and the new one."""
    monkeypatch.syspath_prepend(str(ROOT / "deploy"))
    rotate: dict[str, Any] = run_path(str(ROOT / "deploy/rotate_key.py"))
    secrets = rotate["make_secrets"]
    rotate["announce"](kept, KEY)
    needed = {one for part in keys(kept) for one in part}
    follow, seen = secrets.follow, []

    def followed(path: Path, value: str) -> None:
        follow(path, value)
        seen.append({one for part in keys(kept) for one in part})

    monkeypatch.setattr(secrets, "follow", followed)
    rotate["use"](kept, KEY)
    assert len(seen) == 3
    assert all(needed == one for one in seen)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [((KEY, "use"), "no next key"), (("no_key", "announce"), "KEY: one of"), ((KEY, "away"), "KEY: one of")],
)
def test_what_cannot_be_done_is_refused(kept: Path, arguments: tuple[str, str], says: str) -> None:
    name, step = arguments
    before = {path.name: path.read_bytes() for path in kept.iterdir()}
    ended = run("rotate_key.py", name, str(kept), step)
    assert ended.returncode == 1
    assert says in ended.stderr
    assert {path.name: path.read_bytes() for path in kept.iterdir()} == before


def test_a_key_that_is_announced_is_not_retired_with_the_old_ones(kept: Path) -> None:
    run("rotate_key.py", KEY, str(kept), "announce")
    ended = run("rotate_key.py", KEY, str(kept), "retire")
    assert (ended.returncode, "use it first" in ended.stderr) == (1, True)
    assert len(keys(kept)[1]) == 1
    assert run("rotate_key.sh", KEY, "away").returncode == 2
