"""Jibit: ownership by `services/matching` (Shahkar), identity by `services/identity` (civil registry).

Sources: docs/contract.md, providers, and the provider's published clients. A refusal is HTTP 4xx with a `code`.
"""

import re
from typing import Any
from uuid import uuid4

from django.conf import settings

from iran.numbers import local_mobile
from registration.identity import reading
from registration.identity.base import Applicant, Identity, IdentityAnswer, Ownership, OwnershipAnswer
from registration.identity.compare import Recorded, compare
from registration.identity.exchange import TOKEN_REFUSED, Reply, ask, with_token
from registration.identity.failures import FailureKind, IdentityError
from registration.identity.time_budget import TimeBudget
from registration.identity.tokens import Account, Token

TOKEN_SECONDS = 24 * 3600  # the access token's life; the answer does not tell it
NOT_FOUND = "identity_info.not_found"
CODES = {
    "nationalCode.not_valid": FailureKind.INPUT,
    "nationalCode.is_required": FailureKind.INPUT,
    "mobileNumber.not_valid": FailureKind.INPUT,
    "mobileNumber.is_required": FailureKind.INPUT,
    "birthDate.not_valid": FailureKind.INPUT,
    "birthDate.is_required": FailureKind.INPUT,
    "parameters.not_acceptable": FailureKind.INPUT,
    "query_parameters.not_provided": FailureKind.INPUT,
    "invalid.request_body": FailureKind.INPUT,
    "matching.unknown": FailureKind.UNDECIDED,
    "providers.not_available": FailureKind.UNDECIDED,
    "server.error": FailureKind.UNDECIDED,
    "balance.not_enough": FailureKind.CREDIT,
    "daily_limit.reached": FailureKind.QUOTA,
    "forbidden": FailureKind.FORBIDDEN,
    "handler.not_found": FailureKind.FORBIDDEN,  # the account's contract does not have this service
}
GENDERS = {"MALE": "male", "FEMALE": "female"}  # also UNKNOWN


class JibitBackend:
    """Settings: JIBIT_BASE_URL, JIBIT_API_KEY, JIBIT_SECRET_KEY. Raises IdentityError."""

    name = "jibit"

    def ownership(self, applicant: Applicant) -> OwnershipAnswer:
        track = _track()
        mobile = local_mobile(applicant.mobile)
        reply = _ask("matching", {"nationalCode": applicant.national_code, "mobileNumber": mobile}, track)
        _refuse_refusal(reply)
        matched = reply.document.get("matched")
        if not isinstance(matched, bool):
            raise IdentityError(FailureKind.ODD, "neither matched nor not")
        return OwnershipAnswer(Ownership.OWNED if matched else Ownership.NOT_OWNED, f"jibit {track}")

    def identity(self, applicant: Applicant) -> IdentityAnswer:
        track = _track()
        born = reading.compact(applicant.birth_date)
        reply = _ask("identity", {"nationalCode": applicant.national_code, "birthDate": born}, track)
        if reply.document.get("code") == NOT_FOUND:
            return IdentityAnswer(Identity.NOT_FOUND, reference=f"jibit {track}")
        _refuse_refusal(reply)
        person = reply.document.get("identityInfo")
        if not isinstance(person, dict):
            raise IdentityError(FailureKind.ODD, "no person")
        for answer in (reply.document, person):
            reading.refuse_another_person(applicant.national_code, answer.get("nationalCode"))
        identity, findings = compare(applicant, _recorded(applicant, reply, person))
        found = reading.reference(person.get("providerTrackerId")) or track
        return IdentityAnswer(identity, findings, f"jibit {found}")


def account() -> Account:
    secrets = (settings.JIBIT_BASE_URL, settings.JIBIT_API_KEY, settings.JIBIT_SECRET_KEY)
    return Account("jibit", secrets, _fetch_token)


def _fetch_token(seconds: float) -> Token:
    keys = {"apiKey": settings.JIBIT_API_KEY, "secretKey": settings.JIBIT_SECRET_KEY}
    reply = ask("POST", f"{settings.JIBIT_BASE_URL}/v1/tokens/generate", seconds, json=keys)
    if not reply.ok:
        raise IdentityError(FailureKind.REFUSED, f"HTTP {reply.status} for a token")
    return Token(reading.text(reply.document.get("accessToken")) or "", TOKEN_SECONDS)


def _ask(service: str, params: dict[str, str], track: str) -> Reply:
    deadline = TimeBudget()

    def question(token: str) -> Reply:
        headers = {"Authorization": f"Bearer {token}", "X-TRACK-ID": track}
        url = f"{settings.JIBIT_BASE_URL}/v1/services/{service}"
        return ask("GET", url, deadline.left(), params=params, headers=headers)

    return with_token(account(), deadline, question)


def _refuse_refusal(reply: Reply) -> None:
    """Whatever carries a code, or a status that is no success, says nothing about the person: not even `false`."""
    code = reply.document.get("code")
    if reply.ok and code is None:
        return
    if isinstance(code, str) and code in CODES:
        raise IdentityError(CODES[code], code)
    if reply.status in TOKEN_REFUSED:
        raise IdentityError(FailureKind.REFUSED, f"HTTP {reply.status} for a new token")
    raise IdentityError(FailureKind.ODD, f"unknown code, HTTP {reply.status}")


def _recorded(applicant: Applicant, reply: Reply, person: dict[str, Any]) -> Recorded:
    letter, series = reading.series(reading.text(person.get("identificationSerialCode")))
    return Recorded(
        first_name=reading.text(person.get("firstName")),
        last_name=reading.text(person.get("lastName")),
        gender=GENDERS.get((reading.text(person.get("gender")) or "").upper()),
        # People are found by national code and birth date together, else the answer is NOT_FOUND.
        birth_date=reading.date(person.get("birthDate"))
        or reading.date(reply.document.get("birthDate"))
        or applicant.birth_date,
        certificate_number=reading.number(person.get("identificationNumber")),
        certificate_serial=reading.number(person.get("identificationSerialNumber")),
        certificate_series_letter=letter,
        certificate_series_number=series,
        is_alive=_is_alive(person),
        first_name_similarity=_similarity(reply, person, "firstName"),
        last_name_similarity=_similarity(reply, person, "lastName"),
    )


def _is_alive(person: dict[str, Any]) -> bool:
    alive = person.get("alive")
    if alive is None:
        return not re.search("[1-9]", str(person.get("deathDate") or ""))
    if not isinstance(alive, bool):
        raise IdentityError(FailureKind.ODD, "neither alive nor not")
    return alive


def _similarity(reply: Reply, person: dict[str, Any], name: str) -> float | None:
    key = f"{name}SimilarityPercentage"
    return reading.percent(person.get(key, reply.document.get(key)))


def _track() -> str:
    """Our id of one question, by which the provider's support finds it."""
    return uuid4().hex
