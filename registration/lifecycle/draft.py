"""What the steps before the last write into the draft, and what a citizen who comes back finds again."""

from collections.abc import Mapping
from typing import Any

from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from accounts.passwords import budget
from accounts.passwords.hasher import hash_if_idle
from infra.limits import LimitReached
from registration.lifecycle import submission
from registration.lifecycle.retention import DRAFT_LIFETIME
from registration.models import RegistrationRequest

Status = RegistrationRequest.Status
SECRETS = {"password_hash": "", "answers_hash": ""}
# What of the identity people make passwords and answers of. A corrected number costs nobody a new password.
NAMES = ("first_name", "last_name", "birth_date")
HASHES = 2  # of the password and of all answers
ACCOUNT = ("email", "question_1_id", "question_2_id", "question_3_id", "password_hash", "answers_hash")


@sensitive_variables()
def save_identity(draft: RegistrationRequest, answers: Mapping[str, Any]) -> bool:
    """Keep the identity step. True when the password and the answers must be given anew.

    They were checked against the names; of a hash nobody can tell whether it holds the new one.
    """
    fields = submission.identity_fields(answers)
    renamed = any(fields[name] != getattr(draft, name) for name in NAMES)
    undone = renamed and bool(draft.password_hash or draft.answers_hash)
    _write(draft, fields | (SECRETS if undone else {}))
    return undone


@sensitive_variables()
def save_account(draft: RegistrationRequest, answers: Mapping[str, Any], questions: int) -> None:
    """Keep the account step. A password or answers left empty are those that the draft holds already."""
    _write(draft, submission.account_fields(answers, questions))


def count_hashes(draft: RegistrationRequest, client_ip: str, hashes: int = HASHES) -> None:
    """Before they are made. Raises infra.limits.LimitReached."""
    budget.count(f"draft {draft.pk}", client_ip, hashes)


@sensitive_variables()
def keep_password(draft: RegistrationRequest, password: str, client_ip: str) -> bool:
    """Keep a good password of a page on which something else was wrong, so that it is not asked for again.

    False while others are hashed, or the draft has had its share: the page is drawn without waiting, and asks for the
    password once more.
    """
    try:
        count_hashes(draft, client_ip, 1)
    except LimitReached:
        return False
    hashed = hash_if_idle(password)
    if hashed is None:
        return False
    _write(draft, {"password_hash": hashed})
    return True


def resume(draft: RegistrationRequest) -> None:
    """Bring back what the same person, who holds the same mobile, had saved in an earlier draft of this form."""
    earlier = (
        RegistrationRequest.objects.filter(
            flow=draft.flow,
            status=Status.DRAFT,
            national_code=draft.national_code,
            mobile=draft.mobile,
            challenge__confirmed_at__isnull=False,
            birth_date__isnull=False,
            created_at__gt=Now() - DRAFT_LIFETIME,
        )
        .exclude(pk=draft.pk)
        .order_by("-pk")
        .first()
    )
    if earlier and not draft.has_identity():
        kept = (*RegistrationRequest.identity_columns(), *submission.PLACE, *ACCOUNT)
        _write(draft, {name: getattr(earlier, name) for name in kept})
        earlier.delete()


def answers_of(draft: RegistrationRequest) -> dict[str, Any]:
    """What the draft holds of the identity and account steps, as initial values of their forms. No secrets."""
    if not draft.has_identity():
        return {}
    identity = (*RegistrationRequest.IDENTITY_FIELDS, *submission.PLACE)
    shown = {name: getattr(draft, name) for name in (*identity, "email")}
    shown |= {f"question_{number}": getattr(draft, f"question_{number}_id") for number in (1, 2, 3)}
    if draft.country != "IR":
        shown |= {"city": "", "foreign_city": draft.city}
    return shown


def _write(draft: RegistrationRequest, fields: Mapping[str, Any]) -> None:
    RegistrationRequest.objects.filter(pk=draft.pk, status=Status.DRAFT).update(**fields)
    for name, value in fields.items():
        setattr(draft, name, value)
