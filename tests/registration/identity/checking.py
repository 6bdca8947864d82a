"""What the tests of the identity services share: stand-ins that the settings point at, and a person they know."""

import datetime as dt
import logging
import traceback
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from infra import http
from registration.identity import tokens
from registration.identity.base import Applicant, IdentityAnswer, IdentityBackend, OwnershipAnswer
from registration.identity.failures import FailureKind, IdentityError
from tests.people import STATED, national_code
from tests.stand_ins import gsb as gsb_stand_in
from tests.stand_ins import jibit as jibit_stand_in
from tests.stand_ins.gsb import Gsb
from tests.stand_ins.jibit import Jibit

BOTH = pytest.mark.parametrize("question", ["ownership", "identity"])

MARYAM = Applicant(  # born after 1 Farvardin 1368: the certificate's number is the national code
    national_code=national_code(321),
    mobile="+989000000321",
    **STATED
    | {
        "first_name": "مریم",
        "last_name": "کریمی‌نژاد",
        "birth_date": dt.date(1992, 4, 3),  # 14 Farvardin 1371
        "certificate_number": national_code(321),
        "certificate_serial": "123456",
        "certificate_series_letter": "الف",
        "certificate_series_number": "12",
    },
)
BORN = "13710114"
JIBIT_MARYAM: dict[str, Any] = {
    "firstName": "مريم",  # Arabic yeh
    "lastName": "كريمي نژاد",  # Arabic kaf and yeh, and a space
    "fatherName": "علي",
    "gender": "FEMALE",
    "identificationNumber": 0,
    "identificationSerialCode": "الف/12",
    "identificationSerialNumber": 123456,
    "birthPlace": "تهران",
    "alive": True,
    "deathDate": None,
    "providerTrackerId": "trk-81",
}
GSB_MARYAM: dict[str, Any] = {
    "name": "مريم",
    "family": "كريمي نژاد",
    "fatherName": "علي",
    "shenasnameNo": "0",
    "shenasnameSeri": "الف12",
    "shenasnameSerial": "123456",
    "birthDate": BORN,
    "gender": "2",
    "deathStatus": "0",
    "officeCode": "1",
    "bookNo": "2",
    "bookRow": "3",
    "message": "",
}


@pytest.fixture
def jibit(settings: Settings) -> Iterator[Jibit]:
    with Jibit() as stand_in:
        stand_in.owners["09000000321"] = MARYAM.national_code
        stand_in.people[MARYAM.national_code, BORN] = dict(JIBIT_MARYAM)
        settings.IDENTITY_BACKEND = "jibit"
        settings.JIBIT_BASE_URL = f"{stand_in.base_url}/ide"
        settings.JIBIT_API_KEY, settings.JIBIT_SECRET_KEY = jibit_stand_in.API_KEY, jibit_stand_in.SECRET_KEY
        yield stand_in
        http.close()
        tokens.forget()


@pytest.fixture
def gsb(settings: Settings) -> Iterator[Gsb]:
    with Gsb() as stand_in:
        stand_in.owners["09000000321"] = MARYAM.national_code
        stand_in.people[MARYAM.national_code, BORN] = dict(GSB_MARYAM)
        settings.IDENTITY_BACKEND = "gsb"
        settings.GSB_BASE_URL = stand_in.base_url
        settings.GSB_OWNERSHIP_PATH, settings.GSB_IDENTITY_PATH = (
            gsb_stand_in.OWNERSHIP_PATH,
            gsb_stand_in.IDENTITY_PATH,
        )
        settings.GSB_USERNAME, settings.GSB_PASSWORD = gsb_stand_in.USERNAME, gsb_stand_in.PASSWORD
        settings.GSB_CLIENT, settings.GSB_BASIC_AUTHORIZATION = gsb_stand_in.CLIENT, gsb_stand_in.BASIC
        settings.GSB_PID, settings.GSB_REQUEST_PREFIX = gsb_stand_in.PID, gsb_stand_in.PREFIX
        yield stand_in
        http.close()
        tokens.forget()


def ask(backend: IdentityBackend, question: str, applicant: Applicant = MARYAM) -> OwnershipAnswer | IdentityAnswer:
    answer: OwnershipAnswer | IdentityAnswer = getattr(backend, question)(applicant)
    return answer


def failure(act: Callable[[], object]) -> IdentityError:
    with pytest.raises(IdentityError) as caught:
        act()
    return caught.value


def kind_of(act: Callable[[], object]) -> FailureKind:
    return failure(act).kind


def log_everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def assert_gives_nothing_away(told: str, *more: str) -> None:
    """None of Maryam's data (ASCII, Persian digits, base64), no key and no token; nor any of `more`."""
    assert [secret for secret in _secrets(*more) if secret in told] == []


def report(error: BaseException) -> str:
    """All that an exception can tell a log."""
    chain = [error, error.__cause__, error.__context__]
    return " ".join(f"{link} {link!r} {link.args}" for link in chain if link) + "".join(
        traceback.format_exception(error)
    )


def _secrets(*more: str) -> list[str]:
    personal = [
        *(MARYAM.national_code, "9000000321", "مریم", "مريم", "کریمی", "كريمي", BORN, "1371/01/14", "1992-04-03"),
        *(jibit_stand_in.API_KEY, jibit_stand_in.SECRET_KEY, "access-token", "gsb-token", gsb_stand_in.PASSWORD),
        *(gsb_stand_in.CLIENT, gsb_stand_in.BASIC, *more),
    ]
    persian = [value.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")) for value in personal if value.isdigit()]
    coded = [b64encode(value.encode()).decode().rstrip("=") for value in personal]
    return [*personal, *persian, *coded]
