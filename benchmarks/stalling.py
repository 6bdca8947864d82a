"""How long citizens wait for a page while others try to stall the portal, beside the quiet figure of the same round."""

import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from accounts.models import SecurityQuestion
from benchmarks import waiting
from benchmarks.browser import CSRF, WIZARD, Browser
from benchmarks.flooding import Flood, flooding
from benchmarks.people import BIRTH_DATE, FIRST_NAME, LAST_NAME, PASSWORD, Citizen, posted
from benchmarks.stack import Services, web
from benchmarks.tables import FEW_ROUNDS, median, percentile, progress, scaled, table
from devtools.servers import until
from registration.models import RegistrationRequest
from tests import proxy
from tests.people import STATED

REQUESTS, HASHING, WRITING = scaled(100), 40, 8
PAGES = {"GET first page": WIZARD, "GET /branches/": "/branches/"}
QUIET, HASHES, MARKS = "quiet", f"{HASHING} clients repeat the account step", f"{WRITING} clients send combining marks"
PLACES = ("web alone", "behind nginx")

Key = tuple[str, str, str]  # place, page, what others do


def run(services: Services) -> None:
    numbers = count()
    found: dict[Key, list[float]] = defaultdict(list)  # milliseconds: p99 of each round
    answers: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    with web(services, {}) as server, _nginx(server.port) as nginx:
        for path in [*PAGES.values()] * 2:
            _wait(server.port, path)  # every process has seen every page
        for number in range(FEW_ROUNDS):
            for place, port in zip(PLACES, (server.port, nginx), strict=True):
                for other in (QUIET, HASHES, MARKS):
                    progress(f"stalling: round {number + 1} of {FEW_ROUNDS}, {place}, {other}")
                    flood = _flood(other, port, numbers, told=place == PLACES[0])
                    with flooding(flood) if flood else nullcontext(Counter[int]()) as statuses:
                        for page, path in PAGES.items():
                            found[place, page, other].append(percentile(_wait(port, path), 0.99))
                    answers[place, other].update(statuses)
    _show(found, answers)


@contextmanager
def _nginx(upstream: int) -> Iterator[int]:
    """nginx with the files of deploy/nginx, without TLS; yields its port."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-bench-")))
        copy, ports = proxy.configured(directory, upstream, {})
        process = subprocess.Popen(proxy.command(copy / "plain.conf"), stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            if not until(lambda: proxy.listens(ports.http), 60):
                raise TimeoutError("nginx does not answer")
            yield ports.http
        finally:
            process.terminate()
            process.wait(60)


def _flood(what: str, port: int, numbers: Iterator[int], *, told: bool) -> Flood | None:
    if what == QUIET:
        return None
    if what == MARKS:
        # Sent as they are: percent-encoded, a body would hold a third of them.
        marks = ("\u0315\u0300" * 7500).encode()
        begun = urlencode(posted("identity", {"first_name": FIRST_NAME}) | {"csrfmiddlewaretoken": CSRF}).encode()
        people = [Citizen(next(numbers)) for _ in range(WRITING)]
        sessions = [draft.session for draft in waiting.drafts(people, proved=True)]
        return Flood(port, WIZARD, begun + b"&identity-last_name=" + marks, sessions, CSRF, told)
    identity = STATED | {"first_name": FIRST_NAME, "last_name": LAST_NAME, "birth_date": BIRTH_DATE}
    people = [Citizen(next(numbers)) for _ in range(HASHING)]
    saved = RegistrationRequest.with_keys(identity) | {"country": "IR", "city": "تهران"}
    drafts = waiting.drafts(people, proved=True, flow="eservices", **saved)
    form = urlencode(posted("account", _account()) | {"csrfmiddlewaretoken": CSRF}).encode()
    return Flood(port, "/eservices/registration/", form, [draft.session for draft in drafts], CSRF, told)


def _account() -> dict[str, str]:
    questions = SecurityQuestion.objects.filter(is_offered=True).values_list("pk", flat=True)[:3]
    answers = ("آقای نیکوکار", "پروانهٔ آبی", "شیراز و مشهد")
    account = {"email": "", "password1": PASSWORD, "password2": PASSWORD}
    for number, (question, answer) in enumerate(zip(questions, answers, strict=True), 1):
        account |= {f"question_{number}": str(question), f"answer_{number}": answer}
    return account


def _wait(port: int, path: str) -> list[float]:
    """Milliseconds of REQUESTS requests by one client, which comes anew each time as another citizen does."""
    taken: list[float] = []
    for number in range(REQUESTS):
        browser = Browser(port, f"198.18.100.{number % 250 + 1}", f"127.0.2.{number % 250 + 1}")
        before = time.perf_counter()
        browser.get(path)
        taken.append((time.perf_counter() - before) * 1000)
        browser.close()
    return taken


def _show(found: dict[Key, list[float]], answers: dict[tuple[str, str], Counter[int]]) -> None:
    def cells(place: str, page: str) -> list[str]:
        quiet = found[place, page, QUIET]
        shown = [f"{median(quiet):.1f}"]
        for other in (HASHES, MARKS):
            ratios = [figure / still for figure, still in zip(found[place, page, other], quiet, strict=True)]
            shown += [f"{median(found[place, page, other]):.1f}", f"{median(ratios):.1f} ×"]
        return shown

    def told(place: str, other: str) -> str:
        return ", ".join(f"{status}: {times}" for status, times in sorted(answers[place, other].items()))

    table(
        "p99 in milliseconds while others try to stall the portal",
        ("", "request", "quiet", HASHES, "÷ quiet", MARKS, "÷ quiet"),
        [[place, page, *cells(place, page)] for place in PLACES for page in PAGES],
        f"{REQUESTS} requests a figure, {FEW_ROUNDS} rounds; the clients, in processes of their own, share the cores "
        f"with the servers. What the others were answered: "
        + "; ".join(f"{place}, {other}: {told(place, other)}" for place in PLACES for other in (HASHES, MARKS))
        + ".",
    )
