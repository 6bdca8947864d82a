"""The branch desk over HTTP, as a clerk's browser uses it."""

import re
from typing import Any

from django.test import Client

from registration.models import RegistrationRequest
from tests.registration.wizard.walking import text

DESK, LIST = "/desk/", "/desk/registration/registrationrequest/"
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def shown(response: Any) -> list[int]:
    """Primary keys in the list, in its order."""
    assert response.status_code == 200
    return [row.pk for row in response.context["cl"].result_list]


def find(client: Client, typed: str, **filters: str) -> Any:
    """The list after a search from the desk's form."""
    sent = client.post(f"{LIST}find/", {"q": typed, **filters})
    assert sent.status_code == 302
    return client.get(sent.headers["Location"])


def counts(response: Any) -> dict[str, str]:
    """The counts beside the choices of the status filter, as they are written on the page."""
    chip = r'<a href="\?[^"]*status=(\w+)[^"]*"[^>]*>[^<]*<span class="chip-count">\(([^)]*)\)'
    page = text(response)
    filters = page[page.index('class="chips"') :]
    return {match[1]: match[2] for match in re.finditer(chip, filters[: filters.index("</ul>")])}


def record(row: RegistrationRequest) -> str:
    return f"{LIST}{row.pk}/change/"
