"""The portal and its peers (benchmarks.peers), each on a PostgreSQL and a Redis of its own, open for sign-ups."""

import http.client
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple

from benchmarks.browser import WIZARD, Browser, register
from benchmarks.people import Citizen, a_question, introduce, posted
from benchmarks.phones import PATIENCE, Phones
from benchmarks.stack import ROOT, Services, gunicorn, tell_last_words, web, workers
from benchmarks.waiting import drafts
from devtools import embedded
from devtools.servers import ServerError, running, until
from tests.stand_ins import jibit
from tests.stand_ins.jibit import Jibit

PORTAL, WIZARD_PEER, PHONE_PEER = "portal", "formtools' wizard", "allauth's phone sign-up"
FIRST_PAGE = "first page"
READERS = 900_000  # numbers of the people whose pages are only looked at
A_QUESTION = "1"  # of the peers' own list
FAILURES = (OSError, RuntimeError, ServerError, subprocess.CalledProcessError, http.client.HTTPException)
SIGN_UP, VERIFY, RECEIVED = "/accounts/signup/", "/accounts/phone/verify/", "/received/"


@dataclass(frozen=True)
class Contestant:
    """`sign_up` returns when the citizen sees the last page, `settle` when the server has done all that it caused.

    `read`: what a reader looks at, all at `path`: the page's name → the session that leads to it, or "".
    """

    name: str
    hashes: int  # of one sign-up
    port: int
    path: str
    trees: Mapping[str, list[int]]  # part → its processes
    sign_up: Callable[[Citizen], None]
    settle: Callable[[], None]
    read: Callable[[], Mapping[str, str]]


class StandIns(NamedTuple):
    phones: Phones
    registry: Jibit


@contextmanager
def portal(services: Services) -> Iterator[tuple[Contestant, StandIns]]:
    """With the stand-ins, which count what they were asked."""
    question = a_question()
    with Phones() as phones, Jibit() as registry:
        settings = {
            "IDENTITY_BACKEND": "jibit",
            "JIBIT_BASE_URL": f"{registry.base_url}/ide",
            "JIBIT_API_KEY": jibit.API_KEY,
            "JIBIT_SECRET_KEY": jibit.SECRET_KEY,
            **phones.environment,
        }
        begun: list[Citizen] = []
        readers = count(READERS)
        with web(services, settings) as server, workers(services, settings) as pids:

            def sign_up(citizen: Citizen) -> None:
                introduce(registry, citizen)
                register(server.port, citizen, question, phones)
                begun.append(citizen)

            def settle() -> None:
                if not until(lambda: phones.results >= len(begun), PATIENCE):
                    raise TimeoutError("a result did not come")

            def read() -> dict[str, str]:
                [draft] = drafts([Citizen(next(readers))], proved=True)
                return {FIRST_PAGE: "", "identity page": draft.session}

            servers = {"PostgreSQL": [services.postgres.pid], "Redis": [services.redis.pid]}
            trees = {"web": [server.pid], "workers": pids, **servers}
            yield Contestant(PORTAL, 2, server.port, WIZARD, trees, sign_up, settle, read), StandIns(phones, registry)


@contextmanager
def peer(services: Services, name: str, python: Path) -> Iterator[Contestant]:
    package, path, walk = PEERS[name]
    directory = services.directory / package
    codes = directory / "codes"
    codes.mkdir(parents=True)
    with ExitStack() as stack:
        postgres = stack.enter_context(running(embedded.postgres(directory / "postgres")))
        redis = stack.enter_context(running(embedded.redis(directory / "redis")))
        settings = {
            "DJANGO_SETTINGS_MODULE": f"benchmarks.peers.{package}.settings",
            "DATABASE_URL": postgres.url,
            "REDIS_URL": redis.url,
            "CODES": str(codes),
        }
        _make_tables(services, package, python, settings)
        options = ["--worker-class", "gthread", "--workers", os.environ.get("WEB_WORKERS") or "2"]
        options += ["--threads", os.environ.get("WEB_THREADS") or "24", "--worker-tmp-dir", "/dev/shm"]  # noqa: S108
        options += ["--keep-alive", "5", "--no-control-socket", "--log-level", "warning"]
        options.append("django.core.wsgi:get_wsgi_application()")
        server = stack.enter_context(
            gunicorn(services, package, *options, environment=settings, page=path, python=str(python))
        )
        trees = {"web": [server.pid], "PostgreSQL": [postgres.pid], "Redis": [redis.pid]}

        def sign_up(citizen: Citizen) -> None:
            browser = Browser(server.port, citizen.address)
            walk(browser, citizen, codes)
            browser.close()

        yield Contestant(name, 1, server.port, path, trees, sign_up, lambda: None, lambda: {FIRST_PAGE: ""})


def _make_tables(services: Services, package: str, python: Path, settings: Mapping[str, str]) -> None:
    command = [str(python), "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
    with open(services.directory / f"{package}.log", "ab") as log:
        whole = {**os.environ, **settings}
        ended = subprocess.run(command, cwd=ROOT, env=whole, stdout=log, stderr=log)  # noqa: S603  our own settings
    if ended.returncode:
        tell_last_words(services, package)
        raise RuntimeError("its tables could not be made")


def _through_the_wizard(browser: Browser, citizen: Citizen, codes: Path) -> None:
    """It answers a step with the page of the next one."""
    browser.get("/")
    browser.post("/", posted("contact", citizen.contact), expected=200)
    browser.post("/", posted("activation", {"code": _code(codes, citizen.mobile)}), expected=200)
    browser.post("/", posted("identity", _identity(citizen)))
    browser.get(RECEIVED)


def _through_the_phone_sign_up(browser: Browser, citizen: Citizen, codes: Path) -> None:
    phone = f"+98{citizen.mobile[1:]}"
    browser.get(SIGN_UP)
    browser.post(SIGN_UP, {**citizen.contact, **_identity(citizen), "phone": phone})
    browser.get(VERIFY)
    browser.post(VERIFY, {"code": _code(codes, phone)})
    browser.get(RECEIVED)


def _identity(citizen: Citizen) -> dict[str, str]:
    typed = citizen.identity(A_QUESTION)
    return {**typed, "mail": typed["email"]}  # allauth would make more of a field called email


def _code(codes: Path, mobile: str) -> str:
    path = codes / mobile
    if not until(path.exists, PATIENCE):
        raise TimeoutError("a code did not come")
    code = path.read_text("ascii")
    path.unlink()
    return code


# Name → package of benchmarks.peers, first page, the way from there.
PEERS: dict[str, tuple[str, str, Callable[[Browser, Citizen, Path], None]]] = {
    WIZARD_PEER: ("wizard", "/", _through_the_wizard),
    PHONE_PEER: ("phone_signup", SIGN_UP, _through_the_phone_sign_up),
}
