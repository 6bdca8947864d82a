"""What pages weigh on the wire, after gzip. Counted, so it is asserted; how long they take is not (`make bench`)."""

import gzip
import re

import pytest
from django.conf import settings
from django.test import Client

from tests.drawn_pages import Page
from tests.registration.wizard.walking import WIZARD, Citizen, to_identity

pytestmark = pytest.mark.django_db

IDENTITY_BYTES = 6_700
FIRST_VISIT_BYTES = 45_000  # the font is 33 400 of them
MASK = 100  # GZipMiddleware adds up to so many bytes by chance, against BREACH


def on_the_wire(client: Client, path: str) -> tuple[str, int]:
    """A page, and its bytes with all headers' compression."""
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    return gzip.decompress(answer.content).decode(), len(answer.content)


def test_the_page_of_the_identity_is_small(client: Client) -> None:
    to_identity(client, Citizen(471))
    _, size = on_the_wire(client, WIZARD)
    assert size <= IDENTITY_BYTES + MASK


def test_a_first_visit_is_small_with_the_font(client: Client) -> None:
    """Everything that the first page and its style sheets name, each once, as whitenoise has compressed it."""
    html, size = on_the_wire(client, WIZARD)
    page = Page(html)
    named = {tag.get("href") or tag.get("src", "") for tag in page.all("link", "script", "img")}
    files = {settings.BASE_DIR / address.lstrip("/") for address in named}
    for style in [file for file in files if file.suffix == ".css"]:
        urls = re.findall(r'url\("([^"]+)"\)', style.read_text("utf-8"))
        files |= {(style.parent / url).resolve() for url in urls}
    assert len(files) == 7
    size += sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)
    assert size <= FIRST_VISIT_BYTES + MASK
