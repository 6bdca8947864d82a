"""devtools/system_packages.sh where it may install nothing: what is missing is named; Firefox, Apache are no must."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("chromium", "xgettext", "msgfmt", "nginx", "openssl", "systemd-analyze", "promtool")


def machine(folder: Path, *there: str) -> "subprocess.CompletedProcess[str]":
    """Has these commands and what the script itself calls; the user is not root, and sudo wants a password."""
    folder.mkdir(exist_ok=True)
    for name in ("mktemp", "rm", "tail"):
        (folder / name).symlink_to(str(shutil.which(name)))
    for name, does in {**dict.fromkeys(there, "exit 0"), "id": "echo 1000", "sudo": "exit 1"}.items():
        (folder / name).write_text(f"#!/bin/sh\n{does}\n")
        (folder / name).chmod(0o755)
    script = (ROOT / "devtools/system_packages.sh").read_text("utf-8").replace("/usr/sbin", "/none")
    script = script.replace("/usr/lib/apache2", str(folder))
    environment = {"PATH": str(folder)}
    return subprocess.run(["/bin/sh", "-c", script], env=environment, capture_output=True, text=True, check=False)


def test_where_everything_is_there_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "bin/modules").mkdir(parents=True)
    (tmp_path / "bin/modules/mod_auth_openidc.so").touch()
    ended = machine(tmp_path / "bin", *NEEDED, "firefox")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("there", "says"),
    [
        (["apt-get"], "type 'sudo apt-get install gettext nginx-light openssl systemd prometheus'"),
        ([], "install gettext nginx-light openssl systemd prometheus (Debian's names)"),
    ],
    ids=["Debian", "elsewhere"],
)
def test_what_may_not_be_installed_is_named(tmp_path: Path, there: list[str], says: str) -> None:
    ended = machine(tmp_path / "bin", "chromium", *there)
    assert ended.returncode == 1
    assert says in ended.stderr


def test_without_firefox_and_apache_the_tests_go_on(tmp_path: Path) -> None:
    ended = machine(tmp_path / "bin", *NEEDED, "apt-get")
    assert (ended.returncode, ended.stderr) == (0, "")
    for packages in ("firefox-esr", "apache2-bin libapache2-mod-auth-openidc"):
        assert f"two tests are left out: type 'sudo apt-get install {packages}'" in ended.stdout
