"""Can a stranger tell by the clock whether a national code has an account? Medians of interleaved tries."""

import secrets
import time
from collections.abc import Callable

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.models import User
from benchmarks.browser import Browser
from benchmarks.people import WRONG_PASSWORD, Citizen, a_question
from benchmarks.phones import Phones
from benchmarks.stack import Services, Web, web, workers
from benchmarks.tables import FEW_ROUNDS, median, progress, scaled, table

PAIRS = scaled(120)  # a round
UNKNOWN = 500_000  # numbers from here on have no account

Try = Callable[[Browser, Citizen], object]


def run(services: Services) -> None:
    _make_accounts(PAIRS * (FEW_ROUNDS + 1))
    pages: dict[str, Try] = {
        "sign-in, wrong password": lambda browser, citizen: browser.post(
            "/accounts/login/", {"national_code": citizen.national_code, "password": WRONG_PASSWORD}, expected=200
        ),
        "recovery, first page": lambda browser, citizen: browser.post(
            "/accounts/recover/", {"national_code": citizen.national_code}
        ),
    }
    rounds: dict[str, list[tuple[float, float, float]]] = {page: [] for page in pages}
    with Phones() as phones, web(services, phones.environment) as server, workers(services, phones.environment):
        for number in range(-1, FEW_ROUNDS):  # one to warm up
            if number >= 0:
                progress(f"likeness: round {number + 1} of {FEW_ROUNDS}")
            for page, attempt in pages.items():
                figures = _compare(server, attempt, (number + 1) * PAIRS)
                if number >= 0:
                    rounds[page].append(figures)
    table(
        "An account or none: what the clock tells",
        ("page", "with account, ms", "without, ms", "difference", "of equals (reference)"),
        [_row(page, figures) for page, figures in rounds.items()],
        f"Medians of {PAIRS} interleaved tries each, in chance order, {FEW_ROUNDS} rounds; one client, workers "
        "running. Reference: by how much the two halves of the tries with an account differ.",
    )


def _row(page: str, rounds: list[tuple[float, float, float]]) -> list[str]:
    known, unknown = median(figures[0] for figures in rounds), median(figures[1] for figures in rounds)
    difference = median((without - with_one) / with_one for with_one, without, _ in rounds)
    noise = median(figures[2] for figures in rounds)
    return [page, f"{known:.2f}", f"{unknown:.2f}", f"{difference:+.1%}", f"±{noise:.1%}"]


def _make_accounts(number: int) -> None:
    now, question, hashed = timezone.now(), int(a_question()), make_password("Zangule23")
    User.objects.bulk_create(
        User(
            national_code=citizen.national_code,
            first_name="نرگس",
            last_name="بهرامی",
            mobile=f"+98{citizen.mobile[1:]}",
            password=hashed,
            answers_hash=hashed,
            question_1_id=question,
            activated_at=now,
        )
        for citizen in map(Citizen, range(number))
    )


def _compare(server: Web, attempt: Try, first: int) -> tuple[float, float, float]:
    """Median milliseconds with an account and without one; the share by which the halves of the former differ."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    browser = Browser(server.port, "")
    for number in range(first, first + PAIRS):
        order = (True, False) if secrets.randbelow(2) else (False, True)
        for known in order:
            citizen = Citizen(number if known else UNKNOWN + number)
            browser.address = citizen.address
            browser.cookies.pop("session", None)  # another person's browser
            before = time.perf_counter()
            attempt(browser, citizen)
            taken[known].append((time.perf_counter() - before) * 1000)
    browser.close()
    one, other = median(taken[True][::2]), median(taken[True][1::2])
    return median(taken[True]), median(taken[False]), abs(one - other) / median(taken[True])
