"""What the operator sees on the desk's first page, and a clerk does not."""

import pytest
from django.test import Client

from accounts.models import User
from tests.registration.desk.pages import DESK

pytestmark = pytest.mark.django_db

TOLD = "ارائه‌دهندهٔ پیامک حساب را نمی‌پذیرد (configuration 418: credit too low)"


@pytest.fixture(autouse=True)
def _refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registration.desk.site.configuration_problem", lambda: "configuration 418: credit too low")


def test_an_operator_reads_why_text_messages_wait(desk: Client, clerk: User) -> None:
    User.objects.filter(pk=clerk.pk).update(is_superuser=True)
    desk.force_login(User.objects.get(pk=clerk.pk))  # another right is another session
    assert TOLD in desk.get(DESK).content.decode()


def test_a_clerk_is_not_troubled_with_it(desk: Client) -> None:
    assert TOLD not in desk.get(DESK).content.decode()
