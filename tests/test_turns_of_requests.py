"""Requests that send something take turns (infra.turns): who finds no place is told so, and pages go on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from infra import turns
from infra.turns import Turns
from tests import trouble
from tests.test_middleware import assert_headers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _trouble(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ROOT_URLCONF = "tests.trouble"
    monkeypatch.setattr(turns, "REFUSED_AFTER", 0)


@pytest.mark.parametrize("path", ["/portal/registration/", "/accounts/login/"])
def test_who_posts_and_finds_no_place_is_told_so_at_once_and_pages_go_on(settings: Settings, path: str) -> None:
    settings.POST_PLACES = 1  # for this client's own copy of the middleware
    client = Client()
    with _post_under_way(client):
        refused = client.post(path, {})
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "5"
        assert_headers(refused)
        assert client.get(path).status_code == 200
    assert client.post(path, {}).status_code != 503


@contextmanager
def _post_under_way(client: Client) -> Iterator[None]:
    """Another POST of the same process has the one place while the block lasts."""
    trouble.begun.clear()
    trouble.go_on.clear()
    client.handler.load_middleware()
    other = Client()
    other.handler = client.handler
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(other.post, "/trouble/waiting/")
        assert trouble.begun.wait(60)
        try:
            yield
        finally:
            trouble.go_on.set()
            assert answer.result(60).status_code == 200


def test_nobody_has_a_turn_while_the_body_is_still_coming(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at the desk either, where a field may be sent more than once."""
    read: list[bool] = []
    taken = Turns.taken

    def noted(all_turns: Turns, address: str) -> AbstractContextManager[None]:
        read.append(body.tell() == len(sent))
        return taken(all_turns, address)

    monkeypatch.setattr(Turns, "taken", noted)
    sent = b"username=1&password=2"
    for path in ("/desk/login/", "/accounts/login/"):
        body = BytesIO(sent)
        extra: Any = {"wsgi.input": body}
        Client(raise_request_exception=False).generic(
            "POST", path, sent, content_type="application/x-www-form-urlencoded", **extra
        )
    assert read == [True, True]
