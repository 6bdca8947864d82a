"""What the tests of the desk's second factor share."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from pytest_django import Settings

from accounts.models import User
from tests.registration.desk.factor import App, set_up_app


@pytest.fixture
def factor_required(settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = "required"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """In the middle of a step of the authenticator app, and standing still."""
    with time_machine.travel(datetime(2026, 11, 21, 8, 0, 15, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def app(clerk: User) -> App:
    return set_up_app(clerk)
