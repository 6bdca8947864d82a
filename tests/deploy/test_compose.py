"""docker-compose.yml: who gets which secret, as which role of the database, from which image."""

import re
import sys
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
import yaml

from registration.identity import check
from sms.outbox import delivery
from tests.production import ROOT, manage


def plain(text: str) -> str:
    """The file as it is where nothing of its wiring is chosen: `${NAME:-default}` is the default."""
    return re.sub(r"\$\{(?!\w+_(?:IMAGE|FILE):)\w+:-([^}]*)\}", r"\1", text)


class Loader(yaml.SafeLoader):
    """Of mappings that are merged, the first one counts. PyYAML compares their keys by identity, so they get one."""

    def compose_scalar_node(self, anchor: Any) -> Any:
        node = super().compose_scalar_node(anchor)
        node.value = sys.intern(node.value)
        return node


COMPOSE: dict[str, Any] = yaml.load(plain((ROOT / "docker-compose.yml").read_text("utf-8")), Loader)  # noqa: S506
TRIAL = (ROOT / "docker-compose.override.yml").read_text("utf-8")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SECRETS = run_path(str(ROOT / "deploy/make_secrets.py"))
IDENTITY = {
    *("jibit_api_key", "jibit_secret_key", "gsb_client", "gsb_username", "gsb_password", "gsb_basic_authorization"),
    *("gsb_pid", "gsb_identity_pid"),
}
# Service → the folders of make_secrets.py and the providers' secrets that it may read.
MAY_READ: dict[str, set[str]] = {
    "proxy": set(),
    "web": {
        *("key", "database", "broker", "sso_keys"),
        *("kavenegar_api_key", "kavenegar_callback_secret", "metrics_token", "email_host_password"),
    },
    "codes": {"key", "database", "broker", "kavenegar_api_key"},
    "texts": {"key", "database", "broker", "kavenegar_api_key"},
    "work": {"key", "database", "broker", "sso_keys", *IDENTITY},
    "beat": {"broker"},
    "secrets": {"secrets", *SECRETS["HANDED_OUT"]},
    "roles": {"superuser", "owner", "database"},
    "migrate": {"key", "owner", "broker", "sso_keys"},
    "tools": {"key", "database", "broker", "sso_keys", "kavenegar_api_key", *IDENTITY},
    "postgres": {"superuser"},
    "redis": {"redis"},
}
QUEUES = ("codes", "texts", "work")
PORTAL = ("web", "codes", "texts", "work", "beat", "migrate", "tools")  # they load the settings


def volumes(service: str) -> dict[str, str]:
    """Where a service mounts which named volume."""
    pairs = (mount.split(":")[:2] for mount in SERVICES[service].get("volumes", []))
    return {source: target for source, target in pairs if not source.startswith(".")}


def readable(service: str) -> set[str]:
    return (volumes(service).keys() | set(SERVICES[service].get("secrets", []))) - {"postgres"}


def test_each_container_reads_the_secrets_that_it_needs_and_no_other() -> None:
    assert {service: readable(service) for service in SERVICES} == MAY_READ
    assert not [
        mount for service in SERVICES.values() for mount in service.get("volumes", []) if "deploy/secrets" in mount
    ]


def test_keys_of_id_tokens_are_written_by_tools_alone() -> None:
    """Where the example says; a new volume belongs to whom the image gives the folder."""
    mounts = {
        service: mount
        for service, options in SERVICES.items()
        for mount in options.get("volumes", [])
        if mount.startswith("sso_keys:")
    }
    read_only = "sso_keys:/run/portal/sso_keys:ro"
    assert mounts == {**dict.fromkeys(("web", "work", "migrate"), read_only), "tools": read_only.removesuffix(":ro")}
    example = (ROOT / "deploy/portal.env.example").read_text("utf-8")
    assert re.findall("^#SSO_KEYS_FILE=(.*)$", example, re.MULTILINE) == ["/run/portal/sso_keys/keys.json"]
    made = re.search(r"install -d -o portal -g portal (.*?)\nCOPY", (ROOT / "Dockerfile").read_text("utf-8"), re.DOTALL)
    assert made
    assert "/run/portal/sso_keys" in made[1].split()


def test_every_file_that_is_named_is_one_that_the_container_has() -> None:
    for service, options in SERVICES.items():
        for name, path in (options.get("environment") or {}).items():
            if name.endswith("_FILE") and path.startswith("/run/"):
                _, _, kind, folder, *rest = path.split("/")
                assert folder in readable(service), (service, name)
                if kind == "portal":
                    assert rest[0] in SECRETS["HANDED_OUT"][folder], (service, name)


def test_no_secret_is_a_value() -> None:
    """Neither in the files, nor in what an operator copies them to: only files hold secrets."""
    settings = (ROOT / "tamin_portal/settings.py").read_text("utf-8")
    secrets = set(re.findall(r'env\.(?:secret|token|basic|keys|database|redis)\("([A-Z_]+)"', settings))
    assert {name.lower() for name in secrets} >= COMPOSE["secrets"].keys()
    for name in secrets:
        assert f"{name}_FILE" in SERVICES["web"]["environment"], name
    example = (ROOT / "deploy/portal.env.example").read_text("utf-8")
    for service, options in SERVICES.items():
        given = secrets & (options.get("environment") or {}).keys()
        assert given == ({"DATABASE_URL"} if service == "beat" else set())
    assert not [name for name in secrets if re.search(rf"^{name}(_FILE)?=", example + TRIAL, re.MULTILINE)]


def test_a_secret_that_is_not_named_is_empty() -> None:
    assert (ROOT / "deploy/no-secret").read_bytes() == b""
    for name, source in COMPOSE["secrets"].items():
        assert source == {"file": f"${{{name.upper()}_FILE:-./deploy/no-secret}}"}


def files(directory: Path, service: str) -> dict[str, str | None]:
    """The environment of a service, with files of this machine where the container has its own."""
    given: dict[str, str | None] = dict(SERVICES[service]["environment"])
    for name, path in given.items():
        if not name.endswith("_FILE") or not path:
            continue
        if path.startswith("/app/"):
            given[name] = str(ROOT / path.removeprefix("/app/"))
            continue
        file = directory / f"{service}-{name}"
        file.write_text(
            {
                "DATABASE_URL_FILE": "postgresql://portal:kept@127.0.0.1:1/portal",
                "REDIS_URL_FILE": "redis://:kept@127.0.0.1:1/0",
            }.get(name, "kD83hfs-Zq02_kfjw8Hslq28sdFKw9fjaL20dkfLsi38fjqpZx82hgQ")
        )
        given[name] = str(file)
    return given


@pytest.mark.parametrize("identity", ["jibit", "gsb"])
def test_every_process_starts_with_what_it_is_given(tmp_path: Path, identity: str) -> None:
    no_values = dict.fromkeys(("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "KAVENEGAR_API_KEY"))
    gsb = {"GSB_BASE_URL": "https://gsb.example.ir", "GSB_IDENTITY_PATH": "/identity", "GSB_REQUEST_PREFIX": "1234"}
    variants = [{**no_values, **gsb, "IDENTITY_BACKEND": identity, **files(tmp_path, service)} for service in PORTAL]
    for service, ended in zip(PORTAL, manage(["check"], variants), strict=True):
        assert (ended.returncode, ended.stderr) == (0, ""), service


def test_workers_are_threads_that_share_fewer_connections_than_postgresql_takes() -> None:
    """The arithmetic of docs/operations.md, threads and connections."""
    gunicorn = run_path(str(ROOT / "deploy/gunicorn.conf.py"))
    pools = [int(SERVICES[queue]["environment"]["DATABASE_POOL"]) for queue in QUEUES]
    for queue in QUEUES:
        command = SERVICES[queue]["command"]
        assert command[command.index("--queues") + 1] == queue
        assert not {"--pool", "-P", "--concurrency", "-c"} & set(command)
    web = int(SERVICES["web"]["deploy"]["replicas"]) * gunicorn["workers"] * gunicorn["threads"]
    [most] = re.findall("max_connections=([0-9]+)", " ".join(SERVICES["postgres"]["command"]))
    assert web + sum(pools) + 20 < int(most)


def test_a_stopped_worker_has_time_for_a_drain_and_its_last_work() -> None:
    longest = max(
        check.DRAIN_SECONDS + check.WORK_SECONDS, delivery.DRAIN_SECONDS + max(delivery.STOP_SECONDS.values())
    )
    for queue in QUEUES:
        assert int(SERVICES[queue]["stop_grace_period"].removesuffix("s")) > longest


def test_only_the_migration_is_the_owner_and_nobody_else_the_superuser() -> None:
    urls = {service: SERVICES[service]["environment"]["DATABASE_URL_FILE"] for service in PORTAL}
    assert {service for service, url in urls.items() if url != "/run/portal/database/database_url"} == {
        "migrate",
        "beat",
    }
    assert urls["migrate"] == "/run/portal/owner/owner_url"
    assert SERVICES["migrate"]["depends_on"]["roles"] == {"condition": "service_completed_successfully"}


def test_each_folder_holds_what_its_name_says(tmp_path: Path) -> None:
    kept, folders = tmp_path / "kept", tmp_path / "folders"
    kept.mkdir()
    for folder in SECRETS["HANDED_OUT"]:
        (folders / folder).mkdir(parents=True)
    for _ in range(2):  # the second start changes nothing
        SECRETS["main"](kept, folders)
        told = {
            f"{path.parent.name}/{path.name}": path.read_text("ascii") for path in folders.rglob("*") if path.is_file()
        }
    roles = {name: re.match("postgresql://([a-z_]+):", url) for name, url in told.items() if url.startswith("postgres")}
    assert {name: role[1] for name, role in roles.items() if role} == {
        "database/database_url": "portal_data",
        "owner/owner_url": "portal_owner",
        "superuser/superuser_url": "portal",
    }
    assert told["superuser/database_password"] in told["superuser/superuser_url"]
    assert told["redis/redis_password"] in told["broker/redis_url"]
    secrets = {name: told[name] for name in told if not name.endswith("_fallbacks")}
    assert len(set(secrets.values())) == len(secrets) == 11
    assert {told[name] for name in told.keys() - secrets.keys()} == {""}


def test_images_can_be_pinned_by_digest() -> None:
    """No tag stands where a variable could not put a digest beside it, and the command prints all of them."""
    script = (ROOT / "deploy/image_digests.sh").read_text("utf-8")
    printed = dict(re.findall(r"^([A-Z]+_IMAGE) (\S+)$", script, re.MULTILINE))
    used = [service["image"] for service in SERVICES.values() if service["image"] != "tamin-portal"]
    used += [service["build"]["args"]["PYTHON_IMAGE"] for service in SERVICES.values() if "build" in service]
    assert set(used) == {f"${{{name}:-{image}}}" for name, image in printed.items()}
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    assert f"ARG PYTHON_IMAGE={printed['PYTHON_IMAGE']}\n" in dockerfile
    assert set(re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)) == {"${PYTHON_IMAGE}"}


def test_the_wiring_can_be_another_one() -> None:
    """Every variable of the file is in the example, with the default that the file has."""
    wired = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", (ROOT / "docker-compose.yml").read_text("utf-8")))
    example = (ROOT / "deploy/compose.env.example").read_text("utf-8")
    listed = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", example, re.MULTILINE))
    assert {name: value for name, value in wired.items() if not name.endswith(("_FILE", "_IMAGE"))} == listed


def test_servers_may_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_ADDRESS", "db.example.ir:6432")
    monkeypatch.setenv("REDIS_ADDRESS", "127.0.0.1:6379")
    run_path(str(ROOT / "deploy/make_secrets.py"))["main"](tmp_path)
    assert (tmp_path / "data_url").read_text("ascii").endswith("@db.example.ir:6432/portal")
    assert (tmp_path / "owner_url").read_text("ascii").endswith("@db.example.ir:6432/portal")
    assert (tmp_path / "redis_url").read_text("ascii").endswith("@127.0.0.1:6379/0")
