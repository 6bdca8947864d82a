"""What was done about a member of the staff, written where it is done: a row, and a line of the security log."""

from accounts.models import StaffEvent, User
from infra import security_log


class Refused(Exception):  # noqa: N818  a state of affairs, not a fault
    """What was asked for cannot be done; the text says why, for the desk and the terminal, without personal data."""


def note(
    user: User, kind: StaffEvent.Kind, *, before: str = "", after: str = "", words: str = "", by: User | None
) -> None:
    """In the transaction of what was done. `by`: None for an operator on a terminal; `words`: why."""
    StaffEvent.objects.create(
        account=user, actor=by, kind=kind, before=before[:100], after=after[:100], words=words[:200]
    )
    actor = "operator" if by is None else "own" if by.pk == user.pk else "desk"
    security_log.tell("staff", act=kind.value, by=actor, national_code=user.national_code)
