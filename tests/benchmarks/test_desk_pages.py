"""The benchmark of the desk finds every page from the addresses of its site."""

from typing import Any

import pytest
from django.test import Client

from benchmarks import tables
from benchmarks.desk_pages import SOMEBODY, found
from registration.desk import roles
from registration.management.made_up import people
from tests.registration.desk.matrix import MATRIX
from tests.registration.desk.members import member, office
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db
LIST = "registration_registrationrequest_changelist"


def test_every_page_of_the_matrix_is_found_and_each_choice_of_a_list(client: Client) -> None:
    office()
    one = people.person(SOMEBODY)
    place: dict[str, Any] = {"province": "تهران", "city": "تهران"}
    row = make_request(1, "mismatch", identity="mismatch", national_code=one.national_code, **place)
    client.force_login(member(701, roles.HEAD_OFFICE))
    pages = found(client, ("تهران", "تهران"))
    shown = {name for name, verb in MATRIX if verb == "get" and name.startswith("registration") and "reach" not in name}
    without = {name for name in shown if name.endswith(("history", "add", "code"))}  # lead elsewhere, or are nobody's
    assert shown - without <= pages.keys()
    assert {f"{LIST} ?status=undelivered", f"{LIST} ?status=all", f"{LIST} ?when=overdue"} <= pages.keys()
    assert f"/{row.pk}/" in pages["registration_registrationrequest_change"]
    assert one.national_code not in "".join(pages.values())  # the searches are posted
    assert "registration_registrationrequest_find a national code" in pages
    assert tables.failures == []
