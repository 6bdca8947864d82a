"""What the foreign clients share: their configuration out of docs/services.md, a browser at the portal."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client

from tests.sso.relying import allow, led_to

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/services.md"
NODE_MODULES = Path(sys.prefix, "node/node_modules")  # of devtools/node_packages.sh
BYE = "https://service.example/bye"


def configuration(language: str, number: int = 0, changes: Mapping[str, str] | None = None) -> str:
    """A block of code of the page, with our addresses; each of `changes` stands for a word that the page has."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    text: str = found[number]
    known = {"https://PORTAL_HOST": settings.SSO_ISSUER}
    for before, after in {**known, **(changes or {})}.items():
        assert before in text, before
        text = text.replace(before, after)
    return text


def through_the_portal(browser: Client, address: str) -> str:
    """The person goes where a service sends them, allows what is asked, and is sent back: to which address."""
    response = browser.get(within(address))
    if led_to(response).startswith("/o/continue/"):
        response = allow(browser, response)
    return led_to(response)


def within(address: str) -> str:
    assert address.startswith(f"{settings.SSO_ISSUER}/o/"), address
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def why_no_node() -> str:
    """Why openid-client cannot be tried here; empty if it can."""
    if not NODE_MODULES.is_dir():
        return "openid-client is not installed (devtools/node_packages.sh says why)"
    version = (
        subprocess.run(["node", "--version"], capture_output=True, text=True, check=False) if _has("node") else None
    )
    return "" if version and int(version.stdout[1:].partition(".")[0]) >= 20 else "openid-client needs Node 20"


def _has(command: str) -> bool:
    return bool(shutil.which(command))


def apache() -> str | None:
    """The program, if mod_auth_openidc is there, too."""
    module = Path("/usr/lib/apache2/modules/mod_auth_openidc.so")
    return shutil.which("apache2", path=f"{os.environ['PATH']}:/usr/sbin") if module.exists() else None
