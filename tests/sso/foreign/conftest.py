"""The portal over HTTP, with its own address as the issuer."""

from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from sso.models import Service
from sso.protocol import tokens
from tests.sso.foreign.shared import BYE
from tests.sso.relying import make_service


@pytest.fixture
def portal(settings: Any, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """On a busy machine a code would be too old before a client has asked: time does not stand still here."""
    for name in ("CODE_SECONDS", "ACCESS_SECONDS", "ID_TOKEN_SECONDS"):
        monkeypatch.setattr(tokens, name, 3600)
    settings.SSO_ISSUER = live_server.url
    settings.PORTAL_HOST = live_server.url.partition("//")[2]
    return live_server.url


@pytest.fixture
def registered(portal: str) -> Any:
    def register(back: str, method: str, **more: Any) -> Service:
        fields = {"redirect_uris": [back], "post_logout_uris": [BYE], "auth_method": method, "scopes": ["profile"]}
        return make_service("svc-foreign", **{**fields, **more})

    return register
