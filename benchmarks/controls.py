"""What each control of the web part costs: CPU of this process inside it while people register, beside one hash.

Nothing is switched off. A clock runs for whatever is on top: what a control calls that is a control itself counts there
alone, so the rows add up to the whole. PostgreSQL and Redis are other processes; their share is in `registration`.
"""

import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from importlib import import_module
from itertools import count
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from django.core.handlers import base
from django.test import Client
from django.utils.module_loading import import_string

from benchmarks import cpu
from benchmarks.browser import RECEIVED, WIZARD
from benchmarks.people import Citizen, a_question, posted
from benchmarks.stack import Services
from benchmarks.tables import ROUNDS, median, progress, scaled, table
from sms.models import OtpChallenge
from sms.otp import codes

SIGN_UPS = scaled(20)  # in a round
PAGES, DRIVER = "the pages themselves: forms, templates, rows, Django", "the driver, which is no part of the portal"
GATES = "who is signed in, and whether that still holds"
# Modules' functions and classes' methods; middleware by its name in the settings.
CONTROLS = {
    "hash of the password and of the answers": ("accounts.passwords.hasher._in_lane",),
    "passwords that are known": ("accounts.passwords.common.is_common",),
    "limits of codes: one statement reads all that is counted": ("sms.limits.sends.look", "sms.limits.sends.check"),
    "limits of who is told that a person is registered": ("infra.throttle.check_all", "infra.throttle.hit_all"),
    "the code compared, a try spent": ("sms.otp.challenge.confirm",),
    "security log": ("infra.security_log.tell", "infra.security_log.concerns"),
    "session: read, written once, new key": (
        *("accounts.sign_in.session_store.SessionStore.load", "accounts.sign_in.session_store.SessionStore.save"),
        *("accounts.sign_in.session_store.SessionStore.cycle_key", "SessionMiddleware"),
    ),
    "the browser's address, the request's name": ("client_address", "name_request"),
    "headers (CSP and the like)": ("response_headers", "XFrameOptionsMiddleware", "SecurityMiddleware"),
    "gzip, its length masked": ("GZipMiddleware",),
    "CSRF": ("CsrfViewMiddleware",),
    "repeated fields refused": ("refuse_repeated_fields",),
    "turns of those who send something": ("wait_for_a_turn",),
    GATES: ("AuthenticationMiddleware", "end_old_sessions", "LoginRequiredMiddleware"),
}
MIDDLEWARE = {name: control for control, names in CONTROLS.items() for name in names if "." not in name}


class Clock:
    """CPU seconds by what runs; exactly one thing runs at any time."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self._running = [DRIVER]
        self._since = time.process_time()

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        self._turn()
        self._running.append(name)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    def inside(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def clocked(*args: Any, **kwargs: Any) -> Any:
            with self.on(name):
                return work(*args, **kwargs)

        return clocked

    def _turn(self) -> None:
        now = time.process_time()
        self.taken[self._running[-1]] += now - self._since  # type: ignore[assignment]  # seconds, not a count
        self._since = now


def run(services: Services) -> None:
    """One table: medians of rounds."""
    rounds, hashes, numbers = [], [], count()
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  for the rest of the process
    for number in range(-1, ROUNDS):  # one to warm up
        progress(f"controls, round {number + 1} of {ROUNDS}")
        one_hash, clock = cpu.of_one_hash(), Clock()
        with _clocked(clock):
            client = Client()  # it builds the middleware at its first request
            for _ in range(SIGN_UPS):
                client.cookies.clear()
                _sign_up(client, Citizen(next(numbers)))
        if number >= 0:
            hashes.append(one_hash)
            rounds.append({name: seconds / SIGN_UPS for name, seconds in clock.taken.items() if name != DRIVER})
    _show(rounds, hashes)


@contextmanager
def _clocked(clock: Clock) -> Iterator[None]:
    with ExitStack() as stack:
        for control, names in CONTROLS.items():
            for name in names:
                if "." in name:
                    _clock_everywhere(stack, name, lambda work, control=control: clock.inside(control, work))

        def found(path: str) -> Any:
            factory, control = import_string(path), MIDDLEWARE.get(path.rpartition(".")[2], PAGES)
            return wraps(factory, updated=())(
                lambda get_response: clock.inside(control, factory(clock.inside(PAGES, get_response)))
            )

        # Views before which middleware looks (process_view) are called by Django's handler: counted with the pages.
        stack.enter_context(mock.patch.object(base, "import_string", found))
        yield


def _clock_everywhere(stack: ExitStack, name: str, clocked: Callable[..., Any]) -> None:
    """In its own module or class, and where others have imported it by name."""
    path, _, attribute = name.rpartition(".")
    try:
        owner: Any = import_module(path)
    except ImportError:
        owner = import_string(path)  # a class
    work = getattr(owner, attribute)
    holders = [module for module in list(sys.modules.values()) if vars(module).get(attribute) is work]
    for holder in {id(one): one for one in (owner, *holders)}.values():
        stack.enter_context(mock.patch.object(holder, attribute, clocked(work)))


def _sign_up(client: Client, citizen: Citizen) -> None:
    """Seven requests, as in `registration`."""
    _look(client, WIZARD)
    _send(client, citizen, "contact", citizen.contact)
    _look(client, WIZARD)
    challenge = OtpChallenge.objects.get(national_code=citizen.national_code)
    _send(client, citizen, "activation", {"code": codes.derive(challenge.purpose, bytes(challenge.nonce))})
    _look(client, WIZARD)
    _send(client, citizen, "identity", citizen.identity(a_question()))
    _look(client, RECEIVED)


def _look(client: Client, path: str) -> None:
    answer = client.get(path, HTTP_ACCEPT_ENCODING="gzip")
    if answer.status_code != 200:
        raise RuntimeError(f"GET {path}: {answer.status_code}")


def _send(client: Client, citizen: Citizen, step: str, answers: dict[str, str]) -> None:
    answer = client.post(
        WIZARD,
        urlencode(posted(step, answers)),
        content_type="application/x-www-form-urlencoded",
        HTTP_X_REAL_IP=citizen.address,
        HTTP_X_FORWARDED_FOR=citizen.address,
    )
    if answer.status_code != 302:
        raise RuntimeError(f"POST {step}: {answer.status_code}")


def _show(rounds: list[dict[str, float]], hashes: list[float]) -> None:
    def cells(seconds: list[float]) -> list[str]:
        shares = [one / a_hash for one, a_hash in zip(seconds, hashes, strict=True)]
        return [f"{median(seconds) * 1000:.2f}", f"{median(shares):.3f}", f"{min(shares):.3f}–{max(shares):.3f}"]

    whole = [sum(one.values()) for one in rounds]
    rows = [[control, *cells([one.get(control, 0.0) for one in rounds])] for control in (*CONTROLS, PAGES)]
    table(
        "What the controls of the web part cost",
        ("", "CPU ms", "÷ one hash", "range"),
        [*rows, ["**all**", *cells(whole)]],
        f"Seven requests of a three-step registration, {SIGN_UPS} a round, {ROUNDS} rounds; reference: one hash, "
        f"{median(hashes) * 1000:.1f} ms.",
    )
