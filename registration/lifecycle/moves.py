"""The only code that moves RegistrationRequest.status."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from infra import statements
from registration.models import RegistrationRequest


def move(requests: QuerySet[RegistrationRequest], sources: Collection[str], target: str, **changes: Any) -> bool:
    """Move the one request of `requests` from one of `sources` to `target`, and write `changes`.

    One conditional UPDATE; False: it is in none of `sources`, somebody was faster. Hashes of a request that comes to
    its end are dropped: they have moved to the account, or nothing can come of them. Raises ValueError for a move that
    RegistrationRequest.MOVES has not.
    """
    movable, written = _change(requests, sources, target, changes)
    return movable.update(**written) == 1


def moving(
    requests: QuerySet[RegistrationRequest], sources: Collection[str], target: str, *, source: str, **changes: Any
) -> statements.Sql:
    """The same as a part of a statement that writes more, if the part `source` of it has a row."""
    return statements.change(*_change(requests, sources, target, changes), source=source)


def _change(
    requests: QuerySet[RegistrationRequest], sources: Collection[str], target: str, changes: dict[str, Any]
) -> tuple[QuerySet[RegistrationRequest], dict[str, Any]]:
    illegal = [source for source in sources if target not in RegistrationRequest.MOVES.get(source, ())]
    if illegal:
        raise ValueError(f"no request moves from {', '.join(illegal)} to {target}")
    if target in RegistrationRequest.FINAL:
        changes |= {"password_hash": "", "answers_hash": ""}
    return requests.filter(status__in=sources), {"status": target, **changes}
