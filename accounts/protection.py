"""A change of what protects an account ends whatever is under way for it.

`User.security_version` counts these changes: a trigger of the database raises it with every UPDATE that changes a
column of User.PROTECTED, whoever makes it (accounts/migrations/0007). What is under way keeps the version that it began
with and is compared with the row at each step: recoveries, sign-ins that wait for a code, links to a new e-mail, and
sessions, whose mark holds it (User.get_session_auth_hash). docs/decisions/0022.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import RecoveryRun, StaffEnrolment, User
from sms.models import OtpChallenge
from sms.otp import challenge as otp

Purpose = OtpChallenge.Purpose
CODES = (
    *(Purpose.RECOVERY, Purpose.DEVICE, Purpose.MOBILE_CHANGE, Purpose.REAUTHENTICATION),
    *(Purpose.DESK, Purpose.CALLER),
)


class ChangedElsewhere(Exception):  # noqa: N818  a state of affairs, not a fault
    """The account was changed elsewhere meanwhile, or what should be used up is used up already."""


@contextmanager
def change(user: User, **fields: Any) -> Iterator[None]:
    """Write `fields` into the account of `user` and end all that is under way, in one transaction.

    Raises ChangedElsewhere if the protection is not what it was when `user` was read, or the account is not active. The
    body uses up what permits the change; an exception there takes all of it back. `user` has the new values afterwards.
    """
    with transaction.atomic():
        if not _unchanged(user).update(**fields, security_version=F("security_version") + 1, new_email=""):
            raise ChangedElsewhere
        yield
        end_all(user)
    for name, value in fields.items():
        setattr(user, name, value)
    user.security_version += 1


def overrule(user: User, **fields: Any) -> None:
    """Write `fields` into the account, active or not, and end all that is under way: what no signed-in owner does.

    The caller has locked the row and decides that it may be; `user` is read anew.
    """
    User.objects.filter(pk=user.pk).update(**fields, security_version=F("security_version") + 1, new_email="")
    end_all(user)
    user.refresh_from_db()


def hold(user: User) -> None:
    """Raises ChangedElsewhere as `change` does, else keeps others from changing it until the transaction ends."""
    if not _unchanged(user).select_for_update().exists():
        raise ChangedElsewhere


def _unchanged(user: User) -> Any:
    return User.objects.filter(pk=user.pk, security_version=user.security_version, is_active=True)


def end_all(user: User) -> None:
    """End the recoveries, codes and the enrolment that are under way, in the transaction of a change made otherwise.

    Where the account's row is locked first, so that nobody waits for another one in a circle.
    """
    RecoveryRun.objects.filter(user=user.pk, ended_at=None).update(ended_at=Now())
    StaffEnrolment.objects.filter(user=user.pk).delete()
    otp.end(user.national_code, CODES)
