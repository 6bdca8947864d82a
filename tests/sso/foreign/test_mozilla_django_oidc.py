"""mozilla-django-oidc in a Django project of its own, with a secret in the form."""

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client

from devtools.servers import kill_group, popen
from sso.models import Subject
from tests.sso.foreign.shared import BYE, configuration, through_the_portal
from tests.sso.relying import SECRET

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address(registered: Any, tmp_path: Path) -> Iterator[str]:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    address = f"http://localhost:{port}"
    registered(f"{address}/oidc/callback/", "client_secret_post")
    changes = {"svc-…": "svc-foreign", "the secret": SECRET}
    (tmp_path / "configured.py").write_text(configuration("python", 0, changes), "utf-8")
    (tmp_path / "people.py").write_text(configuration("python", 1), "utf-8")
    shutil.copy(Path(__file__).with_name("project.py"), tmp_path)
    command = [sys.executable, "project.py", str(port)]
    process = popen(command, sys.__stderr__.fileno(), tmp_path, signal.SIGTERM, answer=subprocess.PIPE)  # type: ignore[union-attr]
    try:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        process.stdout.close()
        yield address
    finally:
        kill_group(process)


def test_mozilla_django_oidc(address: str, browser: Client) -> None:
    with httpx.Client(base_url=address) as service:
        sent = service.get("/oidc/authenticate/")
        came_back = service.get(through_the_portal(browser, sent.headers["Location"]))
        assert came_back.headers["Location"] == "/", came_back.text
        told = service.get("/").json()
        sub = Subject.objects.get().value
        assert told == {"username": sub, "first_name": "سارا", "last_name": "محمدی"}

        again = service.get("/oidc/authenticate/")  # the portal asks nothing more, and it is the same person
        service.get(through_the_portal(browser, again.headers["Location"]))
        assert service.get("/").json() == told

        left = service.post("/oidc/logout/")
        assert through_the_portal(browser, left.headers["Location"]) == BYE
        assert service.get("/").json()["username"] == ""
        assert browser.get("/accounts/profile/").status_code == 302
