"""Sessions of an earlier version go on: their keys are in the browsers, the rows are found by a hash of them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import BrowserSession
from accounts.sign_in.session_store import SessionStore
from tests.sms.test_migrations import come_back, migrate, newest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("come_back")]

__all__ = ["come_back"]
KEY, OVER = "0123456789abcdefghijklmnopqrstuv", "vutsrqponmlkjihgfedcba9876543210"


def test_a_form_that_is_half_filled_in_goes_on_and_an_ended_session_does_not() -> None:
    migrate([("accounts", "0007_security_version")])
    data, now = SessionStore().encode({"draft": 12}), timezone.now()
    with connection.cursor() as cursor:
        for key, ends in ((KEY, now + timedelta(hours=1)), (OVER, now - timedelta(hours=1))):
            cursor.execute("INSERT INTO django_session VALUES (%s, %s, %s)", [key, data, ends])
    migrate(newest())
    assert SessionStore(KEY)["draft"] == 12
    assert BrowserSession.objects.count() == 1
    assert "django_session" not in connection.introspection.table_names()
