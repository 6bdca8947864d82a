"""The peers of the benchmarks: no part of the product, and asked for the same."""

import pytest

from accounts.passwords.hasher import PortalArgon2
from benchmarks import cpu
from benchmarks.contestants import A_QUESTION
from benchmarks.peers import asked
from benchmarks.peers.hasher import Argon2
from benchmarks.people import Citizen
from devtools.sbom import locked
from tests.source_code import APPS, ROOT, imported, of, sources

LOCK = locked(ROOT / "requirements-peers.txt")


def test_the_peers_use_nothing_of_the_project() -> None:
    files = sources("benchmarks/peers")
    assert len(files) > 10
    for path in files:
        names = imported(path) - of("benchmarks.peers", imported(path))
        for package in (*APPS, "tests", "devtools", "benchmarks"):
            assert of(package, names) == set(), path


def test_what_only_the_peers_need_is_installed_for_them_alone() -> None:
    assert "django-allauth" in LOCK
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert "django-allauth" not in locked(ROOT / name)
    for path in sources(*APPS, "devtools", "deploy"):
        assert of("allauth", imported(path)) == set(), path


def test_what_both_use_has_one_version() -> None:
    ours = locked(ROOT / "requirements.txt")
    shared = LOCK.keys() & ours.keys()
    assert {"django", "django-formtools", "psycopg", "redis", "argon2-cffi", "gunicorn"} <= shared
    assert {name: LOCK[name] for name in shared} == {name: ours[name] for name in shared}


@pytest.mark.parametrize("hasher", [PortalArgon2, Argon2])
def test_every_contestant_hashes_as_the_reference_does(hasher: type[PortalArgon2 | Argon2]) -> None:
    found = (hasher.time_cost, hasher.memory_cost, hasher.parallelism)
    assert found == (cpu.TIME_COST, cpu.MEMORY_COST, cpu.PARALLELISM)


def test_the_peers_take_what_a_citizen_of_the_benchmarks_types() -> None:
    citizen = Citizen(7)
    typed = citizen.identity(A_QUESTION)
    contact = asked.ContactFields(citizen.contact)
    identity = asked.IdentityFields({**typed, "mail": typed["email"]})

    assert contact.errors == {}
    assert identity.errors == {}
    assert typed.keys() - identity.fields.keys() == {"email", "password1", "password2"}
    assert asked.stated(contact.cleaned_data | identity.cleaned_data)["national_code"] == citizen.national_code
