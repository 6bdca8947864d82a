from collections.abc import Iterator

import pytest
from pytest_django import Settings

from infra import http
from sms.backends.kavenegar import client
from sms.backends.kavenegar.client import Kavenegar
from tests.stand_ins.kavenegar import KEY, TEMPLATE
from tests.stand_ins.kavenegar import Kavenegar as StandIn


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running
        http.close()


@pytest.fixture
def backend(stand_in: StandIn, settings: Settings) -> Kavenegar:
    settings.KAVENEGAR_API_KEY = KEY
    settings.KAVENEGAR_BASE_URL = stand_in.base_url
    settings.KAVENEGAR_SENDER = "10004346"
    settings.KAVENEGAR_CODE_TEMPLATE = TEMPLATE
    return Kavenegar()


@pytest.fixture
def account(backend: Kavenegar, stand_in: StandIn, settings: Settings) -> StandIn:
    """Messages leave by Kavenegar's stand-in."""
    settings.SMS_BACKEND = ["kavenegar"]
    return stand_in


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CODE_SECONDS", 0.2)
    monkeypatch.setattr(client, "OTHER_SECONDS", 0.2)
    monkeypatch.setattr(client, "TRACE_SECONDS", 0.2)
