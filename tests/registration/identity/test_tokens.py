"""Tokens: fetched once however many ask, shared by processes, sealed where they rest, renewed when refused."""

import time
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings

from registration.identity import jibit as jibit_backend
from registration.identity import time_budget, tokens
from registration.identity.base import OwnershipAnswer
from registration.identity.failures import FailureKind, IdentityError
from registration.identity.jibit import JibitBackend
from registration.identity.time_budget import TimeBudget
from registration.identity.tokens import Account, Token
from registration.models import ProviderToken
from tests import clock
from tests.faults.processes import python
from tests.registration.identity.checking import MARYAM, jibit, kind_of
from tests.stand_ins.http import Fault
from tests.stand_ins.jibit import API_KEY, SECRET_KEY, Jibit
from tests.threads import together

__all__ = ["jibit"]  # fixtures

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 6


class Service:
    """Gives out numbered tokens and counts."""

    def __init__(self) -> None:
        self.fetched = 0
        self.seconds = 3600.0

    def fetch(self, seconds: float) -> Token:
        self.fetched += 1
        return Token(f"token-{self.fetched}", self.seconds)

    def account(self, *secrets: str) -> Account:
        return Account("stand-in", secrets or ("key",), self.fetch)


@pytest.fixture
def service() -> Iterator[Service]:
    tokens.forget()
    yield Service()
    tokens.forget()


def get(account: Account, refused: str = "") -> str:
    return tokens.token(account, TimeBudget(), refused=refused)


def test_it_is_fetched_once(service: Service) -> None:
    assert {get(service.account()) for _ in range(3)} == {"token-1"}
    assert service.fetched == 1


def test_another_process_takes_the_shared_one(service: Service) -> None:
    get(service.account())
    tokens.forget()
    assert get(service.account()) == "token-1"
    assert service.fetched == 1


def test_while_it_is_kept_no_row_is_read(service: Service) -> None:
    get(service.account())
    with connection.execute_wrapper(lambda *_: pytest.fail("asked the database")):
        assert get(service.account()) == "token-1"


def test_one_that_was_refused_is_renewed(service: Service) -> None:
    get(service.account())
    assert get(service.account(), refused="token-1") == "token-2"
    assert get(service.account()) == "token-2"


def test_one_that_somebody_else_has_renewed_is_not_renewed_again(service: Service) -> None:
    get(service.account())
    mine = dict(tokens._kept)
    get(service.account(), refused="token-1")
    tokens._kept.clear()
    tokens._kept.update(mine)  # this process has not noticed

    assert get(service.account(), refused="token-1") == "token-2"
    assert service.fetched == 2


def test_it_is_renewed_before_it_runs_out(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    get(service.account())
    clock.advance(seconds=3600 - 61)
    tokens.forget()
    assert get(service.account()) == "token-1"
    clock.advance(seconds=2)
    now = time.monotonic() + 3600
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert get(service.account()) == "token-2"


def test_memory_forgets_when_it_runs_out(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    get(service.account())
    clock.advance(hours=2)
    assert get(service.account()) == "token-1"
    now = time.monotonic() + 3600
    monkeypatch.setattr(time, "monotonic", lambda: now)
    assert get(service.account()) == "token-2"


# ── at rest ──


def test_it_rests_sealed(service: Service) -> None:
    get(service.account())
    [row] = ProviderToken.objects.all()
    assert len(bytes(row.sealed)) == tokens.NONCE_BYTES + len("token-1") + 16
    assert b"token" not in bytes(row.sealed)


def test_each_seal_is_another(service: Service) -> None:
    seals: set[bytes] = set()
    for _ in range(3):
        service.fetched = 0
        get(service.account(), refused="token-1" if seals else "")
        seals.add(bytes(ProviderToken.objects.get().sealed))
        tokens.forget()
        ProviderToken.objects.update(expires_at=None)
    assert len(seals) == 3


@pytest.mark.parametrize("harm", ["flipped", "cut", "empty", "another provider's"])
def test_a_broken_seal_is_no_token(service: Service, harm: str) -> None:
    get(service.account())
    tokens.forget()
    row = ProviderToken.objects.get()
    sealed = bytearray(row.sealed)
    if harm == "flipped":
        sealed[-1] ^= 1
    elif harm == "cut":
        del sealed[20:]
    elif harm == "empty":
        sealed.clear()
    else:
        other = Account("other", ("key",), service.fetch)
        get(other)
        sealed = bytearray(ProviderToken.objects.get(pk="other").sealed)
        tokens.forget()
    ProviderToken.objects.filter(pk="stand-in").update(sealed=bytes(sealed))

    before = service.fetched
    assert get(service.account()) == f"token-{before + 1}"


def test_a_token_of_other_keys_is_none(service: Service) -> None:
    get(service.account("key"))
    assert get(service.account("new key")) == "token-2"


def test_another_secret_key_makes_it_unreadable(service: Service, settings: Settings) -> None:
    get(service.account())
    settings.SECRET_KEY = "another-secret-key-that-is-long-enough-to-be-one-of-them"
    assert get(service.account()) == "token-2"


def test_neither_accounts_nor_tokens_show(service: Service) -> None:
    shown = f"{service.account('key-of-the-account')!r} {service.fetch(1)!r}"
    assert "key-of-the-account" not in shown
    assert "token-1" not in shown


# ── several at once ──


def test_a_crowd_fetches_one(jibit: Jibit) -> None:
    jibit.delay = 0.1
    answers = together(lambda: JibitBackend().ownership(MARYAM), CROWD)
    assert [answer.ownership for answer in answers if isinstance(answer, OwnershipAnswer)] == ["owned"] * CROWD
    assert jibit.fetched == 1


def test_a_crowd_with_a_refused_token_renews_it_once(jibit: Jibit) -> None:
    JibitBackend().ownership(MARYAM)
    jibit.expire()
    jibit.delay = 0.1
    answers = together(lambda: JibitBackend().ownership(MARYAM), CROWD)
    assert [answer.ownership for answer in answers if isinstance(answer, OwnershipAnswer)] == ["owned"] * CROWD
    assert jibit.fetched == 2


PROCESS = """
import sys, django
django.setup()
from django.conf import settings
from registration.identity.jibit import JibitBackend
from tests.registration.identity.checking import MARYAM
settings.JIBIT_BASE_URL, settings.JIBIT_API_KEY, settings.JIBIT_SECRET_KEY = sys.argv[1:4]
print(JibitBackend().ownership(MARYAM).ownership, flush=True)
"""


def test_processes_share_one(jibit: Jibit) -> None:
    arguments = (f"{jibit.base_url}/ide", API_KEY, SECRET_KEY)
    with python("-c", PROCESS, *arguments) as one, python("-c", PROCESS, *arguments) as two:
        for process in (one, two):
            assert process.stdout is not None
            assert process.stdout.readline() == "owned\n"
    assert jibit.fetched == 1


# ── when the service or a worker fails ──


def test_who_fetches_and_fails_gives_way_to_the_next(jibit: Jibit) -> None:
    jibit.faults.append(Fault.BAD_GATEWAY)
    assert kind_of(lambda: JibitBackend().ownership(MARYAM)) is FailureKind.AWAY
    assert JibitBackend().ownership(MARYAM).ownership == "owned"


def test_who_dies_while_he_fetches_holds_the_others_for_seconds_only(service: Service) -> None:
    account = service.account()
    assert tokens._lease(account)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        clock.advance(seconds=5)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_pause", wait)
        assert get(account) == "token-1"
    assert len(waits) == 3  # 12 s


def test_nobody_waits_longer_than_his_question_may_take(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_budget, "ASK_SECONDS", 0.2)
    account = service.account()
    assert tokens._lease(account)
    assert kind_of(lambda: get(account)) is FailureKind.AWAY
    assert service.fetched == 0


def test_a_thread_waits_for_another_one_no_longer_than_its_question_may_take(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_budget, "ASK_SECONDS", 0.2)
    with tokens._turn:
        assert kind_of(lambda: get(service.account())) is FailureKind.AWAY
    assert service.fetched == 0


@pytest.mark.parametrize("document", [{}, {"accessToken": ""}, {"accessToken": None}, {"accessToken": 7}])
def test_an_answer_without_a_token(jibit: Jibit, document: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.stand_ins.http import Reply

    monkeypatch.setattr(jibit, "_generate", lambda request: Reply(200, document))
    with pytest.raises(IdentityError, match="odd answer: no token"):
        JibitBackend().ownership(MARYAM)
    assert jibit_backend.account().provider == "jibit"
    assert ProviderToken.objects.get().renewing_until is None
