"""GSB, the government's gateway: ownership by Shahkar's serviceIDmatching, identity by the registry's getEstelam3.

Gateways wrap the answers differently deep, and give single values as lists of one. Forms and codes are those of the
integrations that are published; the paths and ids (`pid`) are those of the organization's own contracts.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from iran.jalali import TEHRAN
from iran.names import fold
from iran.numbers import local_mobile
from iran.typed import LONGEST
from registration.identity import reading
from registration.identity.base import Applicant, Identity, IdentityAnswer, Ownership, OwnershipAnswer
from registration.identity.compare import Recorded, compare
from registration.identity.exchange import TOKEN_REFUSED, Reply, ask, with_token
from registration.identity.failures import FailureKind, IdentityError
from registration.identity.time_budget import TimeBudget
from registration.identity.tokens import Account, Token

TOKEN_SECONDS = 600  # when the answer does not tell
GENDERS = {"1": "male", "2": "female"}
DEEPEST = 8  # wrappers around an answer
MESSAGES = ("message", "Message", "exceptionMessage")
WRAPPERS = ("result", "data", "getEstelam3Response", "return")
EMPTY = {  # getEstelam3 wants all its fields
    **dict.fromkeys(("name", "family", "fatherName", "shenasnameSeri", "officeName"), ""),
    **dict.fromkeys(("shenasnameNo", "shenasnameSerial", "gender", "officeCode", "bookNo", "bookRow"), "0"),
}


class GsbBackend:
    """Settings: GSB_…. Raises IdentityError."""

    name = "gsb"

    def ownership(self, applicant: Applicant) -> OwnershipAnswer:
        request_id = _request_id()
        question = {
            "requestId": request_id,
            "serviceNumber": local_mobile(applicant.mobile),
            "serviceType": 2,  # a mobile
            "identificationType": 0,  # by national code
            "identificationNo": applicant.national_code,
        }
        reply = _ask(settings.GSB_OWNERSHIP_PATH, settings.GSB_PID, question)
        answer = _find(reply, "response") or {}
        if str(reading.first(answer.get("requestId")) or request_id) != request_id:
            raise IdentityError(FailureKind.ODD, "about another question")
        match reading.number(answer.get("response")):
            case "200":
                return OwnershipAnswer(Ownership.OWNED, f"gsb {request_id}")
            case "600":
                return OwnershipAnswer(Ownership.NOT_OWNED, f"gsb {request_id}")
            case "311":
                raise IdentityError(FailureKind.INPUT, "response 311")
            case response:
                kind = FailureKind.UNDECIDED if response else FailureKind.ODD
                raise IdentityError(kind, f"response {(response or '?')[:5]}")

    def identity(self, applicant: Applicant) -> IdentityAnswer:
        born = reading.compact(applicant.birth_date)
        question = EMPTY | {"nin": applicant.national_code, "birthDate": born}
        reply = _ask(settings.GSB_IDENTITY_PATH, settings.GSB_IDENTITY_PID or settings.GSB_PID, question)
        person = _find(reply, "nin", "name", "family") or _find(reply, *MESSAGES)
        if person is None:
            raise IdentityError(FailureKind.ODD, "no answer in the answer")
        first_name, last_name = reading.base64_text(person.get("name")), reading.base64_text(person.get("family"))
        if not first_name and not last_name:
            if _says_not_found(person):
                return IdentityAnswer(Identity.NOT_FOUND)
            raise IdentityError(FailureKind.ODD, "a message in place of a person")
        reading.refuse_another_person(applicant.national_code, person.get("nin"))
        identity, findings = compare(applicant, _recorded(person, first_name, last_name))
        return IdentityAnswer(identity, findings)


def account() -> Account:
    secrets = (settings.GSB_BASE_URL, settings.GSB_CLIENT, settings.GSB_USERNAME, settings.GSB_PASSWORD)
    return Account("gsb", secrets, _fetch_token)


def _fetch_token(seconds: float) -> Token:
    form = {"grant_type": "password", "username": settings.GSB_USERNAME, "password": settings.GSB_PASSWORD}
    headers = {"Authorization": f"Basic {settings.GSB_CLIENT}"}
    reply = ask("POST", f"{settings.GSB_BASE_URL}/oauth/token", seconds, form=form, headers=headers)
    if not reply.ok:
        raise IdentityError(FailureKind.REFUSED, f"HTTP {reply.status} for a token")
    lives = reading.number(reply.document.get("expires_in"))
    return Token(reading.text(reply.document.get("access_token")) or "", float(lives or TOKEN_SECONDS))


def _ask(path: str, pid: str, question: Mapping[str, object]) -> Reply:
    deadline = TimeBudget()

    def ask_with(token: str) -> Reply:
        headers = {
            "Authorization": f"Bearer {token}",
            "basicAuthorization": f"Basic {settings.GSB_BASIC_AUTHORIZATION}",
            "pid": pid,
        }
        return ask("POST", settings.GSB_BASE_URL + path, deadline.left(), json=question, headers=headers)

    reply = with_token(account(), deadline, ask_with)
    if reply.status in TOKEN_REFUSED:
        raise IdentityError(FailureKind.REFUSED, f"HTTP {reply.status} for a new token")
    if not reply.ok:
        raise IdentityError(FailureKind.ODD, f"HTTP {reply.status}")
    return reply


def _find(reply: Reply, *names: str) -> Mapping[str, Any] | None:
    """The part of the answer that has one of these names. Raises IdentityError if a wrapper tells of a failure."""
    for layer in _layers(reply.document):
        status = layer.get("status")
        code = reading.number(status.get("statusCode")) if isinstance(status, dict) else None
        if code is not None and code != "200":
            raise IdentityError(FailureKind.UNDECIDED, f"statusCode {code[:5]}")
        if any(name in layer for name in names):
            return layer
    return None


def _layers(document: Any) -> Iterator[Mapping[str, Any]]:
    for _ in range(DEEPEST):
        document = reading.first(document)
        if not isinstance(document, dict):
            return
        yield document
        document = next((document[name] for name in WRAPPERS if name in document), None)


def _says_not_found(person: Mapping[str, Any]) -> bool:
    """Whether the registry tells in words that there is nobody; which words is the operator's to know and set."""
    told = " ".join(reading.text(person.get(name)) or "" for name in MESSAGES)
    return any(fold(words) in fold(told[:LONGEST]) for words in settings.GSB_NOT_FOUND_TEXTS)


def _recorded(person: Mapping[str, Any], first_name: str | None, last_name: str | None) -> Recorded:
    letter, series = reading.series(reading.base64_text(person.get("shenasnameSeri")))
    death = reading.number(person.get("deathStatus"))
    if death is None and reading.first(person.get("deathStatus")) not in (None, ""):
        raise IdentityError(FailureKind.ODD, "neither alive nor not")
    return Recorded(
        first_name=first_name,
        last_name=last_name,
        gender=GENDERS.get(reading.number(person.get("gender")) or ""),
        birth_date=reading.date(person.get("birthDate")),
        certificate_number=reading.number(person.get("shenasnameNo")),
        certificate_serial=reading.number(person.get("shenasnameSerial")),
        certificate_series_letter=letter,
        certificate_series_number=series,
        is_alive=death is None or not int(death),
    )


def _request_id() -> str:
    """The organization's four digits and the time in Tehran, to the microsecond: the gateway takes each id once."""
    return settings.GSB_REQUEST_PREFIX + timezone.now().astimezone(TEHRAN).strftime("%Y%m%d%H%M%S%f")
