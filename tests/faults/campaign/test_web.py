"""`make faults`: the portal itself is started again behind the real nginx while citizens look and send."""

import socket
from pathlib import Path
from urllib.parse import urlencode

import pytest

from registration.models import RegistrationRequest
from tests.deploy.test_restart import NO_LIMITS, Web, listener, restarts
from tests.faults.processes import own_rows
from tests.proxy import proxy
from tests.registration.wizard.walking import CONTACT, FORM, WIZARD, Citizen, fields

__all__ = ["listener"]  # the fixture

TOKEN = "a" * 32  # of CSRF, in cookie and form


@pytest.mark.django_db(transaction=True)
def test_a_restart_of_the_portal_itself_loses_nothing(listener: socket.socket, tmp_path: Path) -> None:
    """Citizens begin registrations meanwhile: who was told that a code is on its way has a draft, and nobody else."""
    begun: list[int] = []

    def ask(number: int, count: int) -> str:
        if count % 2 == 0:
            status = server.ask(WIZARD, host="localhost", plain=True).status
            return "" if status == 200 else f"{status} for GET"
        citizen = Citizen(5000 * number + count)
        form = urlencode(fields(CONTACT, citizen.contact) | {"csrfmiddlewaretoken": TOKEN})
        headers = {"Cookie": f"csrf={TOKEN}", "Content_Type": FORM}
        status = server.ask(WIZARD, "POST", host="localhost", plain=True, body=form, **headers).status
        begun.append(status)
        return "" if status == 302 else f"{status} for {form}"

    no_limits = dict.fromkeys(("LIMIT_UNCONFIRMED_PER_IP", "LIMIT_UNCONFIRMED_PER_NETWORK"), "1000000/60")
    environment = own_rows() | no_limits | {"LIMIT_UNCONFIRMED": "1000000/60"}
    web = Web(listener, tmp_path / "web.log", "tamin_portal.wsgi", 24, environment)
    with proxy(tmp_path / "nginx", listener.getsockname()[1], NO_LIMITS) as server:
        restarts(web, ask, 1)
    assert RegistrationRequest.objects.count() == begun.count(302) > 50
