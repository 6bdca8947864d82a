"""Argon2id at the price of OWASP's row, one at a time, behind everything else."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password

from accounts.passwords import hasher


@pytest.fixture
def new_lane() -> Iterator[None]:
    """The test's own lane, so that what it changes is met by a fresh thread."""
    hasher._open_lane()
    yield
    hasher._open_lane()


def test_a_hash_has_the_parameters_of_owasp() -> None:
    assert make_password("Zangule21").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_only_the_right_password_fits_whatever_it_is_made_of() -> None:
    for password in ("Zangule21", "", "گذرواژه", "a\0b", "x" * 10_000):
        encoded = make_password(password)
        assert check_password(password, encoded)
        assert not check_password(f"{password}!", encoded)


def test_hashes_of_many_threads_are_made_one_after_the_other(monkeypatch: pytest.MonkeyPatch, new_lane: None) -> None:
    seen: set[int] = set()

    def encode(self: object, password: str, salt: str) -> str:
        seen.add(threading.get_ident())
        return f"{password}:{salt}"

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encode)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: hasher.PortalArgon2().encode(str(n), "salt"), range(40)))
    assert results == [f"{n}:salt" for n in range(40)]
    assert len(seen) == 1
    assert threading.get_ident() not in seen


def test_the_lane_yields_and_its_caller_does_not(new_lane: None) -> None:
    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    lane = hasher._in_lane(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
    if sys.platform == "linux":  # elsewhere threads have no niceness of their own
        assert lane >= hasher.NICENESS
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before


def test_a_machine_that_forbids_a_niceness_still_hashes(monkeypatch: pytest.MonkeyPatch, new_lane: None) -> None:
    def forbidden(*args: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", forbidden)
    assert check_password("Zangule21", make_password("Zangule21"))


def test_an_error_in_the_lane_reaches_the_caller() -> None:
    with pytest.raises(AttributeError):
        hasher.PortalArgon2().encode(None, "salt")  # type: ignore[arg-type]


def test_a_forked_worker_has_a_lane_of_its_own() -> None:
    script = (
        "import os, sys\n"
        "from django.conf import settings\n"
        "settings.configure(PASSWORD_HASHERS=['accounts.passwords.hasher.PortalArgon2'], HASH_LANE_PLACES=1)\n"
        "from django.contrib.auth.hashers import check_password, make_password\n"
        "encoded = make_password('Zangule21')\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os._exit(7 if check_password('Zangule21', encoded) else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], timeout=300, capture_output=True)
    assert done.returncode == 7, done.stderr.decode()
