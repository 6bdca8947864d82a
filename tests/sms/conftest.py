from collections.abc import Iterator

import pytest
from pytest_django import Settings

from infra import http
from sms.backends.kavenegar import client
from sms.backends.kavenegar.client import Kavenegar
from tests.sms.second_provider import client as second_client
from tests.stand_ins.kavenegar import KEY, TEMPLATE
from tests.stand_ins.kavenegar import Kavenegar as StandIn
from tests.stand_ins.second_provider import KEY as SECOND_KEY
from tests.stand_ins.second_provider import SecondProvider


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


@pytest.fixture
def second_account(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecondProvider]:
    """The second provider's stand-in, with settings and a minute for everything; SMS_BACKEND does not name it yet."""
    monkeypatch.setattr(second_client, "SECONDS", 60.0)
    with SecondProvider() as running:
        settings.SECOND_PROVIDER_URL, settings.SECOND_PROVIDER_KEY = running.base_url, SECOND_KEY
        yield running
        http.close()
