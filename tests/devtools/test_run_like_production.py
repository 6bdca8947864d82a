"""`make run` with the variables of production, over HTTP servers that stand in for the providers."""

import re
from pathlib import Path

import httpx
import pytest

from devtools import embedded
from devtools.servers import running, until
from tests.devtools.running import data_directory, free_port, heard, portal
from tests.registration.wizard.walking import Citizen
from tests.stand_ins import jibit, kavenegar

ME = Citizen(421)


def variables(directory: Path, *, sms: str, identity: str, database: str, redis: str) -> dict[str, str]:
    """What an operator gives; every secret as a file. `sms`, `identity`: addresses of the stand-ins."""
    secrets = {
        "SECRET_KEY": "the-secret-key-of-this-run-which-protects-nothing-at-all-0123",
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "KAVENEGAR_API_KEY": kavenegar.KEY,
        "JIBIT_API_KEY": jibit.API_KEY,
        "JIBIT_SECRET_KEY": jibit.SECRET_KEY,
    }
    files = {f"{name}_FILE": directory / name.lower() for name in secrets}
    for name, value in secrets.items():
        files[f"{name}_FILE"].write_text(value, encoding="utf-8")
    return {name: str(path) for name, path in files.items()} | {
        "SMS_BACKEND": "kavenegar",
        "KAVENEGAR_SENDER": "10004346",
        "KAVENEGAR_CODE_TEMPLATE": kavenegar.TEMPLATE,
        "KAVENEGAR_BASE_URL": sms,
        "IDENTITY_BACKEND": "jibit",
        "JIBIT_BASE_URL": f"{identity}/ide",
        "LANGUAGE_CODE": "en",
        "ADMIN_PATH": "office/",
        "STAFF_SECOND_FACTOR": "required",
        "REGISTRATION_FLOWS": "eservices",
        "DECISION_HOURS": "24",
        "LIMIT_SENDS_PER_MOBILE": "1/120",
    }


def test_it_starts_with_every_variable_and_a_code_reaches_the_provider(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    directory, port = data_directory(tmp_path_factory), free_port()
    with (
        running(embedded.postgres(directory / "postgres", fsync=False)) as postgres,
        running(embedded.redis(directory / "redis")) as redis,
        kavenegar.Kavenegar() as sms,
        jibit.Jibit() as identity,
    ):
        given = variables(
            directory, sms=sms.base_url, identity=identity.base_url, database=postgres.url, redis=redis.url
        )
        with (
            portal(directory / "run", port, **given) as process,
            httpx.Client(base_url=f"http://localhost:{port}", timeout=240, trust_env=False) as browser,
        ):
            said = heard(process, "^Ctrl-C stops everything")
            assert "Demo people:    none, because IDENTITY_BACKEND=jibit" in said
            assert "/handset/" not in said
            assert f"http://localhost:{port}/office/" in said
            assert "for an authenticator app:" in said
            assert not (directory / "run" / "postgres").exists()
            assert not (directory / "run" / "secret_key").exists()

            assert browser.get("/portal/registration/").status_code == 404
            assert browser.get("/office/login/").status_code == 200
            page = browser.get("/eservices/registration/")
            assert '<html lang="en"' in page.text
            token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            assert token
            fields = {f"contact-{name}": value for name, value in ME.contact.items()}
            step = {"csrfmiddlewaretoken": token[1], "registration-current_step": "contact"}
            assert browser.post("/eservices/registration/", data=fields | step).status_code == 302
            assert until(lambda: bool(sms.messages), 240)

    [message] = sms.messages
    assert (message.channel, message.receptor) == ("lookup", f"0{ME.mobile[3:]}")
    assert re.fullmatch("[0-9]{6}", message.text)
