"""The buttons of the page of the identity that list all cities or countries, for who has no script."""

from typing import Any

from django.test import Client

from tests.registration.wizard.walking import IDENTITY, PASSWORD, Answers, open_step

KEPT = ("last_name", "certificate_number", "birth_date_day", "birth_date_year", "email")


def assert_nothing_lost_or_judged(client: Client, page: Any, typed: Answers, *more: str) -> None:
    """The page shows again what was typed, also in the fields `more`, but passwords; it tells of no error."""
    assert page.status_code == 200
    assert not page.context["form"].is_bound
    html = page.content.decode()
    assert "data-summary" not in html
    assert "aria-invalid" not in html
    for name in (*KEPT, *more):
        assert f'value="{typed[name]}"' in html, name
    assert PASSWORD not in html
    assert open_step(client) == IDENTITY
