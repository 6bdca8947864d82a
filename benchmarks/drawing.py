"""What drawing a page costs: CPU of a GET in this process, all middleware included, beside a plain view and a hash."""

import gzip
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.template.backends import jinja2
from django.utils import timezone

from benchmarks import cpu
from benchmarks.browser import WIZARD
from benchmarks.people import Citizen
from benchmarks.tables import ROUNDS, figure, median, progress, scaled, table
from registration.models import RegistrationRequest
from tests.registration.rows import make_request

GETS = scaled(60)  # of each page in a round
PLAIN = "a plain view"
GOALS = {"home": "home", "first page": "contact", "code page": "code", "identity page, three steps": "identity"}


@dataclass(frozen=True)
class Drawn:
    seconds: float
    template: float
    html: int
    wire: int


def run() -> None:
    """One table: medians of interleaved rounds."""
    handler = WSGIHandler()
    pages = {
        PLAIN: _get("/health/live"),
        "home": _get("/"),
        "first page": _get(WIZARD),
        "code page": _get(WIZARD, _session(0, "portal", confirmed=False)),
        "identity page, three steps": _get(WIZARD, _session(1, "portal", confirmed=True)),
        "identity page, four steps": _get(
            WIZARD.replace("portal", "eservices"), _session(2, "eservices", confirmed=True)
        ),
        "sign-in": _get("/accounts/login/"),
    }
    rounds: dict[str, list[Drawn]] = {name: [] for name in pages}
    hashes = []
    for number in range(-1, ROUNDS):  # one to warm up
        progress(f"pages: drawing, round {number + 1} of {ROUNDS}")
        one_hash = cpu.of_one_hash()
        drawn = {name: _cost(handler, environ) for name, environ in pages.items()}
        if number >= 0:
            hashes.append(one_hash)
            for name, figure in drawn.items():
                rounds[name].append(figure)
    _show(rounds, hashes)


def _session(number: int, flow: str, *, confirmed: bool) -> str:
    """The key of a session whose draft waits for the code, or for the identity."""
    draft = make_request(number, RegistrationRequest.Status.DRAFT, flow=flow, **_unknown())
    if confirmed:
        draft.challenge.attempts, draft.challenge.confirmed_at = 1, timezone.now()
        draft.challenge.save()
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[f"draft_{flow}"], session["form_seen"] = draft.pk, int(time.time())
    session.save()
    key: str = session.session_key
    return key


def _unknown() -> dict[str, Any]:
    """What the draft of somebody who has not stated an identity holds."""
    names = [*RegistrationRequest.IDENTITY_FIELDS, "country", "city", "email", "password_hash", "answers_hash"]
    empty = {name: getattr(RegistrationRequest(), name) for name in names}
    return empty | {"question_1": None}


def _get(path: str, session: str = "") -> Mapping[str, Any]:
    cookies = {settings.CSRF_COOKIE_NAME: "benchmark" * 3 + "token"}
    cookies |= {settings.SESSION_COOKIE_NAME: session} if session else {}
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": Citizen(0).address,
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "wsgi.url_scheme": "http",
    }


def _cost(handler: Callable[..., Any], environ: Mapping[str, Any]) -> Drawn:
    """CPU seconds of this process for each of GETS requests; the last answer's bytes."""
    answers: list[tuple[str, Any]] = []

    def begin(status: str, headers: Any) -> None:
        answers.append((status, dict(headers)))

    body = b""
    with _template_clock() as inside:
        before = time.process_time()
        for _ in range(GETS):
            response = handler({**environ, "wsgi.input": BytesIO()}, begin)
            body = b"".join(response)
            response.close()
        seconds = (time.process_time() - before) / GETS
    status, headers = answers[-1]
    if status != "200 OK":
        raise RuntimeError(f"{environ['PATH_INFO']}: {status}")
    html = gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
    return Drawn(seconds, sum(inside) / GETS, len(html), len(body))


@contextmanager
def _template_clock() -> Iterator[list[float]]:
    """CPU seconds of each page's template, forms and all; without session, rows, middleware and gzip."""
    taken: list[float] = []
    render = jinja2.Template.render

    def timed(self: jinja2.Template, context: Any = None, request: Any = None) -> Any:
        before = time.process_time()
        html = render(self, context, request)
        if request:  # else a part of a page
            taken.append(time.process_time() - before)
        return html

    jinja2.Template.render = timed  # type: ignore[method-assign]
    try:
        yield taken
    finally:
        jinja2.Template.render = render  # type: ignore[method-assign]


def _show(rounds: dict[str, list[Drawn]], hashes: list[float]) -> None:
    plain = rounds[PLAIN]

    def row(name: str, figures: list[Drawn]) -> list[str]:
        shares = [one.seconds / a_hash for one, a_hash in zip(figures, hashes, strict=True)]
        drawing = [one.template / a_hash for one, a_hash in zip(figures, hashes, strict=True)]
        beside = [one.seconds / other.seconds for one, other in zip(figures, plain, strict=True)]
        if name in GOALS:
            figure(f"draw ÷ hash, {GOALS[name]}", median(shares))
        return [
            name,
            f"{median(one.seconds for one in figures) * 1000:.2f}",
            f"**{median(shares):.3f}**",
            f"{min(shares):.3f}–{max(shares):.3f}",
            f"{median(beside):.1f} ×",
            f"{median(drawing):.3f}",
            f"{figures[0].html:,}",
            f"{median(one.wire for one in figures):,.0f}",
        ]

    table(
        "CPU of drawing a page",
        ("GET", "CPU ms", "÷ one hash", "range", "÷ a plain view", "template ÷ one hash", "HTML bytes", "gzip bytes"),
        [row(name, figures) for name, figures in rounds.items()],
        f"CPU of the web process alone, all middleware, session, rows and gzip included; {GETS} GETs a round, "
        f"{ROUNDS} rounds. Reference: one password hash, {median(hashes) * 1000:.1f} ms, in the same round; and "
        "`/health/live`, which passes the same middleware and draws nothing.",
    )
