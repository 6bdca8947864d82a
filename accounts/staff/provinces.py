"""In which province somebody of the staff works, and for how long a reason opens what is of another one."""

from datetime import timedelta

from accounts.models import Branch, User

LASTS = timedelta(hours=8)  # a working day
ANYWHERE = ""  # the province of what is everybody's: nobody knows it, or it is abroad


def province_of(staff: User, everywhere: str) -> str | None:
    """The province of somebody's branch, "" without a branch; None with the permission `everywhere`: all are theirs."""
    if staff.has_perm(everywhere):
        return None
    known = Branch.objects.filter(pk=staff.branch_id).values_list("province", flat=True) if staff.branch_id else ()
    return next(iter(known), "")


def lists_of(province: str) -> list[str]:
    """The provinces of what is on the lists of whoever works there."""
    return sorted({province, ANYWHERE}, reverse=True)
