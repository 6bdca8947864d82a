"""What services may send that no official plan asks for."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from accounts.models import User
from sso.models import Service
from tests.accounts.helpers import sign_in
from tests.sso.relying import (
    Relying,
    answered,
    led_to,
)

pytestmark = pytest.mark.django_db


def test_errors_on_demand_for_services_in_test(browser: Client, connected: Relying) -> None:
    hint = {"login_hint": "error:temporarily_unavailable"}
    assert "code" in answered(connected.send(browser, **hint))
    Service.objects.update(state=Service.State.TEST)
    assert answered(connected.send(browser, **hint))["error"] == "temporarily_unavailable"


def test_an_address_may_be_longer_than_a_next_page(client: Client, person: User, connected: Relying) -> None:
    more = {"state": "s" * 1024, "ui_locales": "fa en", "acr_values": "a" * 400}
    assert len(urlencode(connected.params(**more))) > 1500
    waiting = led_to(connected.send(client, **more))
    sign_in(client, person, next=waiting)
    assert answered(client.get(waiting))["state"] == "s" * 1024
