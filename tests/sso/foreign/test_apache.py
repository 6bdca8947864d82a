"""Apache's mod_auth_openidc, with signed assertions of an RSA key, and told of sign-outs."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client
from joserfc.jwk import RSAKey

from devtools.servers import kill_group, popen
from sso.endings import notices
from sso.models import LogoutNotice
from tests.sso.foreign.shared import apache, configuration, through_the_portal

APACHE = apache()
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not APACHE, reason="libapache2-mod-auth-openidc is not installed (devtools/system_packages.sh)"),
    pytest.mark.skipif(
        not os.environ.get("APACHE"),
        reason="only with APACHE=1: on some machines its child ends when it redeems the code, and why is not known yet",
    ),
]
MODULES = "mpm_event authz_core authn_core authz_user include filter mime dir auth_openidc"
SERVER = """
ServerRoot {folder}
{modules}
ServerName localhost
Listen 127.0.0.1:{port}
ServerLimit 1
ThreadsPerChild 25
MaxRequestWorkers 25
PidFile {folder}/pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/errors
{user}
DocumentRoot {folder}/pages
TypesConfig /dev/null
AddType "text/html;charset=utf-8" .shtml
AddOutputFilter INCLUDES .shtml
Options +Includes
DirectoryIndex index.shtml
<Location "/bye">
  Require all granted
</Location>
"""
PAGE = "<!--#echo var='OIDC_CLAIM_sub' -->|<!--#echo var='OIDC_CLAIM_name' -->|<!--#echo var='OIDC_CLAIM_acr' -->"


@pytest.fixture
def address(registered: Any) -> Iterator[str]:
    """Of the service, whose pages nobody sees who has not signed in."""
    folder = Path(tempfile.mkdtemp(prefix="portal-apache-"))
    folder.chmod(0o711)  # Apache's processes are not root
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    address = f"http://localhost:{port}"
    key = RSAKey.generate_key(2048, {"kid": "my-key"})
    back = f"{address}/back"
    registered(
        back,
        "private_key_jwt",
        jwks={"keys": [key.as_dict(private=False)]},
        post_logout_uris=[f"{address}/bye"],
        backchannel_uri=f"{back}?logout=backchannel",
    )
    (folder / "key.pem").write_bytes(key.as_pem(private=True))
    for name in ("index.shtml", "bye"):
        (folder / "pages").mkdir(exist_ok=True)
        (folder / "pages" / name).write_text(PAGE, "utf-8")
    changes = {
        "svc-…": "svc-foreign",
        "/etc/service/my-key.pem": f"{folder}/key.pem",
        "https://service.example": address,
    }
    modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES.split())
    user = "User nobody\nGroup nogroup" if os.getuid() == 0 else ""
    server = SERVER.format(folder=folder, port=port, modules=modules, user=user)
    (folder / "apache.conf").write_text(configuration("apache", changes=changes) + server, "utf-8")
    command = [str(APACHE), "-f", f"{folder}/apache.conf", "-DFOREGROUND"]
    process = popen(command, subprocess.DEVNULL, folder, signal.SIGTERM)
    try:
        wait_for(port, process)
        yield address
    finally:
        kill_group(process)
        sys.stderr.write((folder / "errors").read_text())
    shutil.rmtree(folder)


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Until Apache answers; not in a loop without pause, which would take the processor from it."""
    while True:
        with closing(socket.socket()) as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"Apache has ended with {process.wait(timeout=0.05)}")


def enter(service: httpx.Client, browser: Client) -> str:
    """The person opens a page of the service, and is sent through the portal to it."""
    sent = service.get("/")
    assert sent.status_code == 302, sent.text
    came_back = service.get(through_the_portal(browser, sent.headers["Location"]))
    assert came_back.status_code == 302, came_back.text
    return unescape(service.get(came_back.headers["Location"]).text)


def test_mod_auth_openidc(address: str, browser: Client) -> None:
    with httpx.Client(base_url=address) as service, httpx.Client(base_url=address) as stranger:
        sub, name, acr = enter(service, browser).split("|")
        assert re.fullmatch("[A-Za-z0-9_-]{22}", sub)
        assert name == "سارا محمدی"
        assert acr.endswith("/acr/2")
        assert stranger.get("/").status_code == 302

        # Signed out there: here, too, and back to the page that was registered.
        left = service.get("/back", params={"logout": f"{address}/bye"})
        assert through_the_portal(browser, left.headers["Location"]) == f"{address}/bye"
        assert browser.get("/accounts/profile/").status_code == 302
        assert service.get("/").status_code == 302


def test_it_is_told_of_a_sign_out(address: str, browser: Client) -> None:
    with httpx.Client(base_url=address) as service:
        enter(service, browser)
        assert service.get("/").status_code == 200
        browser.post("/accounts/logout/")
        assert notices.drain() == 1
        assert LogoutNotice.objects.get().outcome == "delivered"
        assert service.get("/").status_code == 302
