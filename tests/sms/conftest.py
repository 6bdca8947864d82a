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
def backend(stand_in: StandIn, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Kavenegar:
    """Kavenegar with a minute for everything: what answers at all is waited for, however busy this machine is."""
    for name in ("CODE_SECONDS", "OTHER_SECONDS", "TRACE_SECONDS"):
        monkeypatch.setattr(client, name, 60.0)
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
