"""What the steps before the last write into the draft, and what a citizen who comes back finds again."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.passwords import budget
from accounts.passwords.hasher import hash_if_idle
from infra.limits import LimitReached
from iran import jalali
from registration.lifecycle import submission
from registration.lifecycle.retention import DRAFT_LIFETIME
from registration.models import RegistrationRequest

Status = RegistrationRequest.Status
SECRETS = {"password_hash": "", "answers_hash": ""}
# What of the identity people make passwords and answers of. A corrected number costs nobody a new password.
NAMES = ("first_name", "last_name", "birth_date")
HASHES = 2  # of the password and of all answers
IN_VAIN = (Status.EXPIRED, Status.MISMATCH, Status.REJECTED, Status.WITHDRAWN)  # whose citizen may register again
AGAIN_WITHIN = timedelta(days=30)
ACCOUNT = ("email", "question_1_id", "question_2_id", "question_3_id", "password_hash", "answers_hash")


@sensitive_variables()
def save_identity(draft: RegistrationRequest, answers: Mapping[str, Any]) -> bool:
    """Keep the identity step. True when the password and the answers must be given anew.

    They were checked against the names; of a hash nobody can tell whether it holds the new one.
    """
    fields = submission.identity_fields(answers)
    renamed = any(fields[name] != getattr(draft, name) for name in NAMES)
    undone = renamed and bool(draft.password_hash or draft.answers_hash)
    _write(draft, fields | _without(draft, "identity") | (SECRETS if undone else {}))
    return undone


@sensitive_variables()
def save_account(draft: RegistrationRequest, answers: Mapping[str, Any], questions: int) -> None:
    """Keep the account step. A password or answers left empty are those that the draft holds already."""
    _write(draft, submission.account_fields(answers, questions) | _without(draft, "account"))


def keep_typed(draft: RegistrationRequest, step: str, typed: Mapping[str, Any]) -> None:
    """Keep what stands in the page of `step`, unjudged and without any secret, until the step is answered."""
    if draft.typed.get(step, {}) != typed:
        _write(draft, {"typed": {**draft.typed, step: dict(typed)}})


def note_caller(draft: RegistrationRequest, mark: str) -> None:
    """Keep who has sent the person here (accounts.sign_in.callers); who comes from nobody changes nothing."""
    if mark and draft.came_from != mark:
        _write(draft, {"came_from": mark})


def _without(draft: RegistrationRequest, step: str) -> dict[str, Any]:
    return {"typed": {name: typed for name, typed in draft.typed.items() if name != step}}


def count_hashes(draft: RegistrationRequest, client_ip: str, hashes: int = HASHES) -> None:
    """Before they are made. Raises infra.limits.LimitReached."""
    budget.count(f"draft {draft.pk}", client_ip, hashes)


@sensitive_variables()
def keep_password(draft: RegistrationRequest, password: str, client_ip: str, person: Mapping[str, Any]) -> bool:
    """Keep a good password of a page on which something else was wrong, so that it is not asked for again; and
    `person`, the names and the date of birth that stand on the same page, by which it was judged.

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
    judged_by = RegistrationRequest.with_keys(person) if person else {}
    _write(draft, {"password_hash": hashed, **judged_by})
    return True


def is_renamed(draft: RegistrationRequest, answers: Mapping[str, Any]) -> bool:
    """Whether these answers have another name or date of birth than the draft's secrets were judged by."""
    return any(name in answers and answers[name] != getattr(draft, name) for name in NAMES)


def earlier() -> Subquery:
    """A column of drafts: the id of an earlier one of the same form, person and proved mobile that holds something, or
    of a request of that person and mobile that has come to nothing."""
    same = _resumable(OuterRef("flow")).filter(national_code=OuterRef("national_code"), mobile=OuterRef("mobile"))
    return Subquery(same.exclude(pk=OuterRef("pk")).order_by("-pk").values("pk")[:1])


def _resumable(flow: str | OuterRef) -> QuerySet[RegistrationRequest]:
    """What a new draft of `flow` may go on with, for who has proved its mobile."""
    holds = Q(birth_date__isnull=False) | ~Q(typed={})
    fresh = Q(status=Status.DRAFT, flow=flow, created_at__gt=Now() - DRAFT_LIFETIME)
    ended = Q(status__in=IN_VAIN, decided_at__gt=Now() - AGAIN_WITHIN)
    return RegistrationRequest.objects.filter(
        (fresh & holds & Q(challenge__confirmed_at__isnull=False)) | ended,
    )


def resume(draft: RegistrationRequest, before: int | None = None) -> None:
    """Bring back what the same person, who holds the same mobile, had saved in an earlier draft of this form.

    `draft` was read with the column `earlier`. `before`: the draft that this browser had until another mobile was
    typed; who did that has seen all of it.
    """
    found = [pk for pk in (before, getattr(draft, "earlier", None)) if pk and not _holds_something(draft)]
    for pk in found:
        one = _resumable(draft.flow).filter(pk=pk, national_code=draft.national_code).first()
        if one and one.status == Status.DRAFT:
            kept = (*RegistrationRequest.identity_columns(), *submission.PLACE, *ACCOUNT, "typed")
            came_from = draft.came_from or one.came_from
            _write(draft, {name: getattr(one, name) for name in kept} | {"came_from": came_from})
            one.delete()
            return
        if one:
            _write(draft, {"typed": _as_typed(one)})
            return


def _as_typed(request: RegistrationRequest) -> dict[str, dict[str, Any]]:
    """What its citizen once typed into the pages of a request, but for the secrets: to be looked at once more."""
    stated = {name: getattr(request, name) for name in RegistrationRequest.IDENTITY_FIELDS if name != "birth_date"}
    if request.birth_date:
        year, month, day = jalali.from_gregorian(request.birth_date)
        stated["birth_date"] = [str(day), str(month), str(year)]
    account = {"email": request.email}
    account |= {f"question_{number}": getattr(request, f"question_{number}_id") for number in (1, 2, 3)}
    return {"identity": {**stated, **_place(request), **account}, "account": account}


def _place(request: RegistrationRequest) -> dict[str, str]:
    """Country and city, as the form asks them."""
    if request.country == "IR":
        return {"country": "IR", "city": request.city}
    return {"country": request.country, "city": "", "foreign_city": request.city}


def seconds_left(draft: RegistrationRequest) -> int:
    """Until the draft is deleted, whatever its citizen does."""
    return max(0, int((draft.created_at + DRAFT_LIFETIME - timezone.now()).total_seconds()))


def _holds_something(draft: RegistrationRequest) -> bool:
    return bool(draft.typed) or draft.has_identity()


def answers_of(draft: RegistrationRequest, step: str = "") -> dict[str, Any]:
    """What the draft holds of the identity and account steps, as initial values of their forms. No secrets.

    What was typed into the page of `step` and not sent stands in place of what was saved before.
    """
    return {**_saved(draft), **draft.typed.get(step, {})}


def _saved(draft: RegistrationRequest) -> dict[str, Any]:
    if not draft.has_identity():
        return {}
    shown = {name: getattr(draft, name) for name in (*RegistrationRequest.IDENTITY_FIELDS, "email")}
    shown |= {f"question_{number}": getattr(draft, f"question_{number}_id") for number in (1, 2, 3)}
    return shown | _place(draft)


def _write(draft: RegistrationRequest, fields: Mapping[str, Any]) -> None:
    RegistrationRequest.objects.filter(pk=draft.pk, status=Status.DRAFT).update(**fields)
    for name, value in fields.items():
        setattr(draft, name, value)
