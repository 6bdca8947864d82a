"""Who asks whether a national code is taken: how often that is told, and what the log keeps of it."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from infra import security_log
from infra.limits import LimitReached
from registration.lifecycle import submission
from registration.lifecycle.submission import AlreadyRequested
from registration.models import RegistrationRequest, Status
from sms.models import Message
from tests import clock
from tests.people import national_code
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db

CLIENT_IP = "192.0.2.77"


def start(number: int, before: RegistrationRequest | None = None) -> RegistrationRequest | LimitReached:
    answers = {"national_code": national_code(number), "operator": "mci", "mobile": f"+989970000{number}"}
    return submission.start(before, flow="portal", client_ip=CLIENT_IP, **answers)


def ask(number: int, client_ip: str = CLIENT_IP) -> None:
    with pytest.raises(AlreadyRequested):
        submission.check_free(national_code(number), client_ip)


def about(number: int) -> str:
    return f"account={security_log.fingerprint('account', national_code(number))}"


def test_neighbours_in_a_wider_network_are_told_together_only_so_often(settings: Settings) -> None:
    settings.LIMIT_UNCONFIRMED_PER_NETWORK = [(2, 300)]
    make_request(495, Status.SUBMITTED)
    ask(495, "192.0.2.1")
    ask(495, "192.0.2.2")
    with pytest.raises(LimitReached, match=r"^taken-network$"):
        submission.check_free(national_code(495), "192.0.2.3")
    ask(495, "192.0.3.1")


def test_the_log_tells_whom_an_answer_was_about(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "infra.security_log")
    make_request(495, Status.SUBMITTED)
    with security_log.visit(CLIENT_IP, "portal"):
        ask(495)
    address = f"address={security_log.fingerprint('address', CLIENT_IP)}"
    assert caplog.messages == [f"registration outcome=already-requested area=portal {address} {about(495)}"]


def granted(result: object) -> object:
    """`result`, unless it is a limit: that is raised."""
    if isinstance(result, LimitReached):
        raise result
    return result


ACTS: dict[str, Callable[[RegistrationRequest], object]] = {
    "another person": lambda _draft: start(497),
    "the same again": lambda draft: start(496, draft),
    "another code": lambda draft: submission.prove_again(draft, CLIENT_IP),
}


@pytest.mark.parametrize(("act", "number"), [("another person", 497), ("the same again", 496), ("another code", 496)])
def test_who_was_told_too_often_is_told_nothing_more_and_the_log_whom_it_was_about(
    act: str, number: int, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LIMIT_UNCONFIRMED_PER_IP = [(1, 300)]
    make_request(495, Status.SUBMITTED)
    draft = start(496)
    assert isinstance(draft, RegistrationRequest)
    clock.advance(minutes=6)
    ask(495)
    caplog.set_level("INFO", "infra.security_log")
    caplog.clear()
    with security_log.visit(CLIENT_IP, "portal"), pytest.raises(LimitReached, match=r"^taken-ip$"):
        granted(ACTS[act](draft))
    [line] = caplog.messages
    assert line.startswith("limit rule=taken-ip ")
    assert line.endswith(about(number))
    assert Message.objects.count() == 1
