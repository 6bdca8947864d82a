"""Statements, bytes and CPU: of each page, of a whole registration, of the first visit with all that comes along."""

import gzip
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from urllib.parse import urljoin

from benchmarks import drawing
from benchmarks.browser import RECEIVED, WIZARD, Answer, Browser
from benchmarks.people import Citizen, a_question, introduce, posted
from benchmarks.phones import PATIENCE, Phones
from benchmarks.stack import QUEUES, Services, web, workers
from benchmarks.statements import Watch, watching
from benchmarks.tables import ROUNDS, figure, median, progress, table
from devtools.servers import until
from tests.stand_ins import jibit
from tests.stand_ins.jibit import Jibit

PUBLIC = ("/", "/accounts/login/", "/accounts/recover/", "/registration/track/", "/branches/")
KINDS = {"css": "css", "js": "js", "woff2": "font"}


@dataclass(frozen=True)
class Seen:
    statements: int
    frame: int
    html: int
    wire: int


def run(services: Services) -> None:
    question, numbers = a_question(), count()
    with Phones() as phones, Jibit() as registry:
        settings = {
            "IDENTITY_BACKEND": "jibit",
            "JIBIT_BASE_URL": f"{registry.base_url}/ide",
            "JIBIT_API_KEY": jibit.API_KEY,
            "JIBIT_SECRET_KEY": jibit.SECRET_KEY,
            "WEB_WORKERS": "1",
            "WEB_THREADS": "1",  # one connection to the database, which is open after the first round
            **phones.environment,
        }
        with web(services, settings) as server, workers(services, settings), watching(services) as watch:
            rounds, behind = [], []
            for number in range(-1, ROUNDS):  # one to warm up
                citizen = Citizen(next(numbers))
                introduce(registry, citizen)
                watch.take()
                before = watch.total.copy()
                seen = _walk(server.port, citizen, question, phones, watch)
                if not until(lambda wanted=number + 2: phones.results == wanted, PATIENCE):  # type: ignore[misc]
                    raise TimeoutError("a result did not come")
                time.sleep(0.2)  # a worker settles the message after it has sent it
                watch.take()
                if number >= 0:
                    rounds.append(seen)
                    behind.append({queue: watch.total[queue] - before[queue] for queue in QUEUES})
            progress("pages: the first visit")
            loads = [_first_load(server.port) for _ in range(ROUNDS)]
    _show(rounds, behind)
    _show_load(loads)
    services.fresh()
    drawing.run()


def _walk(port: int, citizen: Citizen, question: str, phones: Phones, watch: Watch) -> dict[str, Seen]:
    """Every public page, then a registration. Statements are those of the web process."""
    browser = Browser(port, citizen.address)
    seen: dict[str, Seen] = {}

    def look(name: str, action: Callable[[], Answer]) -> None:
        answer = action()
        packed = answer.headers.get("Content-Encoding") == "gzip"
        html = gzip.decompress(answer.body) if packed else answer.body
        counted = watch.take()
        seen[name] = Seen(counted.asked["web"], counted.frame["web"], len(html), len(answer.body))

    for path in PUBLIC:
        look(f"GET {path}", lambda path=path: browser.get(path))  # type: ignore[misc]
    look("GET first page", lambda: browser.get(WIZARD))
    look("POST contact", lambda: browser.post(WIZARD, posted("contact", citizen.contact)))
    look("GET code page", lambda: browser.get(WIZARD))
    code = phones.code(citizen.mobile)
    look("POST code", lambda: browser.post(WIZARD, posted("activation", {"code": code})))
    look("GET identity page", lambda: browser.get(WIZARD))
    look("POST identity", lambda: browser.post(WIZARD, posted("identity", citizen.identity(question))))
    look("GET received", lambda: browser.get(RECEIVED))
    browser.close()
    return seen


def _show(rounds: list[dict[str, Seen]], behind: list[dict[str, int]]) -> None:
    def middle(name: str, part: str) -> int:
        return round(median(getattr(seen[name], part) for seen in rounds))

    names = list(rounds[0])
    rows = [[name, *(f"{middle(name, part):,}" for part in ("statements", "frame", "html", "wire"))] for name in names]
    table(
        "SQL and bytes by page",
        ("request", "statements", "begin, commit, check", "HTML bytes", "gzip bytes"),
        rows,
        "Statements as PostgreSQL logged them. The lengths of gzip vary by up to 100 bytes on purpose (BREACH). "
        "Reference of the bytes: the same page before gzip.",
    )
    steps = [name for name in names if name not in {f"GET {path}" for path in PUBLIC}]
    web_alone = [sum(seen[name].statements for name in steps) for seen in rounds]
    frames = [sum(seen[name].frame for name in steps) for seen in rounds]
    most = max(steps, key=lambda name: middle(name, "statements"))
    by_queue = {queue: median(counted[queue] for counted in behind) for queue in QUEUES}
    table(
        "SQL of a whole registration",
        ("", "statements"),
        [
            ["web, all seven requests", f"{median(web_alone):.0f} (and {median(frames):.0f} of begin, commit, check)"],
            ["most in one request", f"{middle(most, 'statements')} ({most})"],
            *([f"worker {queue}", f"{number:.0f}"] for queue, number in by_queue.items()),
            ["**all**", f"{median(web_alone) + sum(by_queue.values()):.0f}"],
        ],
    )
    figure("statements, web", median(web_alone))
    figure("statements, most", middle(most, "statements"))
    figure("statements, workers", sum(by_queue.values()))
    figure("statements, public", max(middle(f"GET {path}", "statements") for path in PUBLIC))
    figure("statements, wizard", max(middle(name, "statements") for name in steps if name.startswith("GET")))
    figure("bytes, identity page", middle("GET identity page", "wire"))


def _first_load(port: int) -> dict[str, tuple[int, int]]:
    """Requests and bytes on the wire by kind, for a browser that has never been here."""
    browser = Browser(port, Citizen(0).address)
    page = browser.get(WIZARD)
    html = gzip.decompress(page.body).decode()
    loaded: dict[str, tuple[int, int]] = {"HTML": (1, len(page.body))}
    todo = [path for path in re.findall(r'<(?:link|script|img)\b[^>]*(?:href|src)="([^"]+)"', html) if path != "#"]
    done: set[str] = set()
    while todo:
        path = todo.pop()
        if path in done:
            continue
        done.add(path)
        answer = browser.get(path)
        kind = KINDS.get(path.rpartition(".")[2], "image")
        requests, size = loaded.get(kind, (0, 0))
        loaded[kind] = (requests + 1, size + len(answer.body))
        if kind == "css":
            packed = answer.headers.get("Content-Encoding") == "gzip"
            css = (gzip.decompress(answer.body) if packed else answer.body).decode()
            todo += [urljoin(path, found) for found in re.findall(r"""url\(["']?([^"')]+)["']?\)""", css)]
    browser.close()
    return loaded


def _show_load(loads: list[dict[str, tuple[int, int]]]) -> None:
    rows = [
        [kind, str(loads[0][kind][0]), f"{median(load[kind][1] for load in loads):,.0f}"]
        for kind in sorted(loads[0], key=lambda kind: kind != "HTML")
    ]
    requests = sum(number for number, _ in loads[0].values())
    total = median(sum(size for _, size in load.values()) for load in loads)
    table(
        "First visit to the registration's first page",
        ("", "requests", "bytes (gzip)"),
        [*rows, ["**all**", str(requests), f"{total:,.0f}"]],
        "Everything that the page and its style sheets name, whether a browser shows it here or not.",
    )
    figure("bytes, first visit", total)
