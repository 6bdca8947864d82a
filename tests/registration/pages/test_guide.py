"""The users' guide: in both languages, with a picture of every page that it tells of, and as a file for printing."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from registration.pages.guide import CHAPTERS, PICTURES
from tests.drawn_pages import Page

FOLDER = Path(settings.BASE_DIR) / "static" / "guide"
PICTURE_BYTES = 22_000


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "title"), [("fa", "راهنمای کاربران"), ("en", "Users’ guide")])
def test_the_guide_is_there_for_everybody(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, language: str, title: str
) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    with django_assert_num_queries(0):
        answer = client.get("/guide/")
    assert answer.status_code == 200
    page = Page(answer.content.decode())
    assert page.texts["h1"] == [title]
    with translation.override(language):
        assert page.texts["h2"][1:] == [str(chapter.title) for chapter in CHAPTERS]
    shown = [image["src"].rsplit("/", 1)[1] for image in page.all("img") if "/guide/" in image["src"]]
    assert shown == [f"{picture}.{language}.webp" for picture in PICTURES]
    assert all(image["alt"] and image["loading"] == "lazy" for image in page.all("img") if "/guide/" in image["src"])
    [file] = [link["href"] for link in page.all("a") if link.get("href", "").endswith(".pdf")]
    assert (FOLDER / file.rsplit("/", 1)[1]).read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_picture_is_there_and_small_and_no_other(language: str) -> None:
    files = {path.name: path.stat().st_size for path in FOLDER.glob(f"*.{language}.webp")}
    assert files.keys() == {f"{picture}.{language}.webp" for picture in PICTURES}
    assert {name: size for name, size in files.items() if size > PICTURE_BYTES} == {}


def test_the_home_page_leads_to_it_and_shows_none_of_it(client: Client) -> None:
    page = Page(client.get("/").content.decode())
    assert "/guide/" in [link.get("href") for link in page.all("a")]
    assert not [image for image in page.all("img") if "/guide/" in image["src"]]
