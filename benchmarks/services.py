"""What a sign-in at a service costs: CPU beside one password hash, statements; and that more services cost nothing."""

import time
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from joserfc.jwk import ECKey

from accounts.models import User
from benchmarks import cpu, stack
from benchmarks.stack import Services
from benchmarks.tables import ROUNDS, figure, median, progress, scaled, table, times
from sso import keys
from sso.models import Service
from tests.accounts.helpers import make_account, sign_in
from tests.sso.relying import EVERYTHING, Relying, agreed, make_service

SIZES = ((1, 1), (100, 1), (100, scaled(1_000_000)))  # services, connections
ASKED = scaled(30)  # of each in a round
SCOPE = "openid profile offline_access"


def run(services: Services) -> None:
    settings.SSO_KEYS_FILE = str(Path(services.directory, "sso_keys.json"))
    with suppress(FileNotFoundError):
        Path(settings.SSO_KEYS_FILE).unlink()
    call_command("sso_keys", "make", stdout=StringIO())
    keys.current.forget()
    services.fresh()
    _show_cost(*_cost(_acts(*_people())))
    databases = {size: f"bench_sso_{number}" for number, size in enumerate(SIZES)}
    for size, database in databases.items():
        services.fresh(database)
        browser, relying, _key = _people()
        fill(*size)
    found: dict[tuple[int, int], list[float]] = {size: [] for size in SIZES}
    for number in range(-1, ROUNDS):
        progress(f"sso: sizes, round {number + 1} of {ROUNDS}")
        for size, database in databases.items():
            stack.use(database, services)
            browser, relying = _signed_in()
            taken = [_seconds(lambda: relying.tokens(browser, scope=SCOPE)) for _ in range(ASKED)]  # noqa: B023
            if number >= 0:
                found[size].append(median(taken) * 1000)
    _show_sizes(found)


def _people() -> tuple[Client, Relying, ECKey]:
    """Somebody who is signed in, and a service to which they have agreed, which proves itself by either method."""
    key = ECKey.generate_key("P-256", {"kid": "bench"})
    user = make_account(1, birth_date="1990-01-02", gender="female")
    service = make_service(scopes=EVERYTHING, jwks={"keys": [key.as_dict(private=False)]})
    agreed(user, service, " ".join(["openid", *EVERYTHING]))
    browser, relying = _signed_in()
    return browser, relying, key


def _signed_in() -> tuple[Client, Relying]:
    browser = Client()
    sign_in(browser, User.objects.get(mobile="+989970000101"))
    relying = Relying(Service.objects.get(client_id="pension"))
    relying.tokens(browser, scope=SCOPE)
    return browser, relying


def fill(services: int, connections: int) -> None:
    """So many in all; those of people who are no rows: nothing looks at them, and a million accounts take minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET statement_timeout = 0")
        names = ", ".join(str(field.column) for field in Service._meta.concrete_fields if field.column != "id")
        copied = names.replace("client_id", "'svc-' || n", 1)
        cursor.execute(
            f"INSERT INTO sso_service ({names}) SELECT {copied} "  # noqa: S608  names of our own columns
            "FROM sso_service, generate_series(2, %s) n WHERE client_id = 'pension'",
            [services],
        )
        cursor.execute(
            "INSERT INTO sso_connection (user_id, service_id, scopes, given_at, last_used_at) "
            "SELECT 10000000 + n / %s, s.id, '[\"openid\"]', now(), now() FROM generate_series(1, %s) n "
            "JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM sso_service) s ON s.place = n %% %s",
            [services, connections - 1, services],
        )
        cursor.execute("VACUUM ANALYZE")
    connection.close()  # and with it what was SET


def _acts(browser: Client, relying: Relying, key: ECKey) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Name → what prepares it and returns what is measured."""

    def by(method: str) -> None:
        Service.objects.filter(client_id="pension").update(auth_method=method)
        relying.service.auth_method, relying.key = method, key

    def token(method: str) -> Callable[[], Any]:
        by(method)
        code = relying.code(browser, scope=SCOPE)
        return lambda: relying.redeem(code)

    def refresh() -> Callable[[], Any]:
        by("client_secret_basic")
        given = relying.tokens(browser, scope=SCOPE)["refresh_token"]
        return lambda: relying.refresh(given)

    def userinfo() -> Callable[[], Any]:
        given = relying.tokens(browser, scope=SCOPE)["access_token"]
        return lambda: relying.userinfo(given)

    return {
        "where people are sent (`/o/authorize`)": lambda: lambda: relying.send(browser, scope=SCOPE),
        "tokens for a code, by a secret": lambda: token("client_secret_basic"),
        "tokens for a code, by an assertion": lambda: token("private_key_jwt"),
        "tokens for a refresh token, by a secret": refresh,
        "`/o/userinfo`": userinfo,
    }


def _cost(acts: dict[str, Callable[[], Callable[[], Any]]]) -> tuple[dict[str, list[float]], dict[str, int]]:
    """CPU of this process ÷ one hash, of each round; statements of each."""
    rounds: dict[str, list[float]] = {name: [] for name in acts}
    statements = {}
    for number in range(-1, ROUNDS):
        progress(f"sso: cost, round {number + 1} of {ROUNDS}")
        one_hash = cpu.of_one_hash()
        for name, prepare in acts.items():
            spent = []
            for _ in range(ASKED):
                act = prepare()
                before = time.process_time()
                answer = act()
                spent.append(time.process_time() - before)
                if answer.status_code not in (200, 302):
                    raise RuntimeError(f"{name} answers {answer.status_code}")
            if number >= 0:
                rounds[name].append(median(spent) / one_hash)
            else:
                act = prepare()
                with CaptureQueriesContext(connection) as seen:
                    act()
                statements[name] = len(seen)
    return rounds, statements


def _seconds(act: Callable[[], Any]) -> float:
    before = time.perf_counter()
    act()
    return time.perf_counter() - before


def _show_cost(rounds: dict[str, list[float]], statements: dict[str, int]) -> None:
    rows = [(name, f"{median(ratios):.2f}", str(statements[name])) for name, ratios in rounds.items()]
    authorize, secret, assertion, *_ = rounds
    for name, other in {"a sign-in by a secret": secret, "a sign-in by an assertion": assertion}.items():
        both = [one + more for one, more in zip(rounds[authorize], rounds[other], strict=True)]
        asked = statements[authorize] + statements[other]
        rows.append((f"**{name}: the first and its tokens**", f"{median(both):.2f}", str(asked)))
        if other == secret:
            figure("sign-in at a service ÷ hash", median(both))
            figure("statements, sign-in at a service", asked)
    note = (
        f"{ASKED} of each in a round, {ROUNDS} rounds, in process, with all middleware, without PostgreSQL's CPU. "
        "ID tokens are signed by RS256; the assertion, which the benchmark itself signs within the figure, by ES256."
    )
    table("A sign-in at a service", ("", "CPU ÷ one hash", "SQL"), rows, note)


def _show_sizes(found: dict[tuple[int, int], list[float]]) -> None:
    first = median(found[SIZES[0]])
    rows = [
        (f"{services:,}", f"{connections:,}", f"{median(taken):.1f}", times(median(taken), first))
        for (services, connections), taken in found.items()
    ]
    figure("sign-in at a service, growth", median(found[SIZES[-1]]) / first)
    head = ("services", "connections", "sign-in and tokens, ms", "÷ the first")
    table("With more services and connections", head, rows, f"{ASKED} in a round, {ROUNDS} interleaved rounds.")
