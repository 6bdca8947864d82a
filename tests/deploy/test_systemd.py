"""deploy/systemd: the same commands, secrets and times as in docker-compose.yml, in units that systemd takes."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from runpy import run_path

import pytest

from tests.deploy.test_compose import MAY_READ, PORTAL, SERVICES
from tests.production import ROOT

UNITS = ROOT / "deploy/systemd"
HOME, SECRETS = "/opt/tamin-portal", "/etc/tamin-portal/secrets"
PARTS = tuple(part for part in PORTAL if part != "tools")
GRACE = {"web": 15, "codes": 90, "texts": 90, "work": 90}
MAKE = run_path(str(ROOT / "deploy/make_secrets.py"))
# Folder of make_secrets.py, as Compose hands it out → its files, and under which names a service finds them.
FOLDERS = {
    "key": {name: name for name in MAKE["HANDED_OUT"]["key"]},
    "database": {"data_url": "database_url"},
    "owner": {"owner_url": "database_url"},
    "broker": {"redis_url": "redis_url"},
    "sso_keys": {},  # a file in the state directory: a credential is read once, and a new key is noticed while one runs
}


def lines(part: str) -> list[tuple[str, str]]:
    """What systemd reads for a service, in its order: the unit, then the files beside it by name."""
    unit = f"tamin-portal-{part}.service"
    beside = [*(UNITS / "tamin-portal-.service.d").glob("*.conf"), *(UNITS / f"{unit}.d").glob("*.conf")]
    files = [UNITS / unit, *sorted(beside, key=lambda path: path.name)]
    text = "\n".join(path.read_text("utf-8") for path in files)
    return re.findall(r"^([A-Za-z]+)=(.*)$", text, re.MULTILINE)


def values(part: str, name: str) -> list[str]:
    """An empty one takes back what was said before."""
    found: list[str] = []
    for key, value in lines(part):
        if key == name:
            found = [*found, value] if value else []
    return found


def environment(part: str) -> dict[str, str]:
    words = [word for value in values(part, "Environment") for word in shlex.split(value)]
    return dict(word.split("=", 1) for word in words)


def commands(part: str) -> list[list[str]]:
    """As a shell would type them in Compose's containers."""
    started = [shlex.split(value.replace("%%", "%")) for value in values(part, "ExecStart")]
    assert all(words[0].startswith(f"{HOME}/.venv/bin/") for words in started)
    return [[words[0].rpartition("/")[2], *words[1:]] for words in started]


@pytest.mark.parametrize("part", ["codes", "texts", "work", "beat"])
def test_the_command_is_the_one_of_compose(part: str) -> None:
    assert commands(part) == [SERVICES[part]["command"]]


def test_web_and_migration_do_what_compose_does() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    [listed] = re.findall(r"^CMD \[(.*)\]$", dockerfile, re.MULTILINE)
    assert commands("web") == [re.findall('"([^"]+)"', listed.partition(', "--bind"')[0])]  # systemd listens
    assert "--bind" in listed
    migrate = [" ".join(words) for words in commands("migrate")]
    assert SERVICES["migrate"]["command"][2].split(" && ") == migrate[:2]
    assert migrate[2].split()[:3] == ["python", "manage.py", "collectstatic"]  # in the image's build there


@pytest.mark.parametrize("part", PARTS)
def test_each_service_reads_the_secrets_that_it_needs_and_no_other(part: str) -> None:
    wanted: dict[str, str] = {}
    for source in MAY_READ[part]:
        wanted |= FOLDERS.get(source, {source: source})
    given = dict(value.split(":", 1) for value in values(part, "LoadCredential"))
    assert given == {name: f"{SECRETS}/{file}" for file, name in wanted.items()}


@pytest.mark.parametrize("part", PARTS)
def test_every_variable_is_known_and_says_what_compose_says(part: str) -> None:
    known = set(re.findall(r'env\.[a-z]+\(\s*"([A-Z_]+)"', (ROOT / "tamin_portal/settings.py").read_text("utf-8")))
    given = environment(part)
    pythons = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    assert {name.removesuffix("_FILE") for name in given} - known - pythons == set()
    compose = SERVICES[part]["environment"]
    withheld = {name for name, value in compose.items() if value == "/app/deploy/not-given"}
    assert {name for name, value in given.items() if value == f"{HOME}/deploy/not-given"} == withheld
    for name in ("HTTPS", "DATABASE_POOL"):
        assert given.get(name) == compose.get(name), name
    assert "127.0.0.1" in given["TRUSTED_PROXIES"]
    assert values(part, "EnvironmentFile") == ["/etc/tamin-portal/portal.env"]


def test_a_stopped_service_has_the_time_that_compose_gives_it() -> None:
    for part, seconds in GRACE.items():
        assert SERVICES[part]["stop_grace_period"] == f"{seconds}s"
        assert values(part, "TimeoutStopSec") == [str(seconds)]
        assert values(part, "Restart") == ["always"]


def _systemd_analyze() -> str:
    found = shutil.which("systemd-analyze")
    assert found, "systemd is installed by devtools/system_packages.sh"
    return found


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With this folder in the place of the one that they are made for, so that what they start is there."""
    shutil.copytree(UNITS, tmp_path, dirs_exist_ok=True)
    for path in tmp_path.rglob("tamin-portal*"):
        if path.is_file():
            path.write_text(path.read_text("utf-8").replace(HOME, str(ROOT)), "utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir() if path.is_file())
    assert len(units) == len(PARTS) + 1
    command = [_systemd_analyze(), "verify", "--man=no", "--generators=no", *units]
    verified = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("part", PARTS)
def test_a_service_may_do_little(tmp_path: Path, part: str) -> None:
    """`systemd-analyze security` at most 2.0 of 10; the network is what it needs."""
    shutil.copytree(UNITS, tmp_path / "etc/systemd/system")
    command = [_systemd_analyze(), "security", "--offline=true", f"--root={tmp_path}", "--threshold=20"]
    rated = subprocess.run(
        [*command, f"tamin-portal-{part}.service"], capture_output=True, text=True, check=False, timeout=120
    )
    assert rated.returncode == 0, rated.stdout
    assert "Overall exposure level" in rated.stdout
