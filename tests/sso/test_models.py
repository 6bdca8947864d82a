"""What the database itself refuses of the rows of services."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from sso.models import Authorization, Connection, LogoutNotice, Service, Subject, Token
from tests.sso.relying import make_service

pytestmark = pytest.mark.django_db
HASH = "0" * 64


def authorization(user: User, service: Service, **fields: Any) -> Authorization:
    known: dict[str, Any] = {
        "code_hash": HASH,
        "code_expires_at": Now() + timedelta(minutes=1),
        "auth_time": timezone.now(),
        "acr": 1,
        "security_version": 0,
    }
    return Authorization.objects.create(user=user, service=service, **{**known, **fields})


def token(user: User, service: Service, **fields: Any) -> Token:
    known: dict[str, Any] = {"kind": "access", "hash": HASH, "scope": "openid", "expires_at": timezone.now()}
    return Token.objects.create(authorization=authorization(user, service), **{**known, **fields})


def notice(user: User, service: Service, **fields: Any) -> LogoutNotice:
    return LogoutNotice.objects.create(service=service, sub="s", sid="s", jti="j", **fields)


REFUSED: list[tuple[str, Callable[[User, Service], object]]] = [
    ("service_state_is_known", lambda user, service: make_service("other", state="away")),
    ("service_secret_hash", lambda user, service: make_service("other", secret_hash="in-clear")),
    ("service_lowest_acr", lambda user, service: make_service("other", lowest_acr=3)),
    ("client_id", lambda user, service: make_service(service.client_id)),
    ("subject_once_per_sector", lambda user, service: [Subject.objects.create(user=user, value=v) for v in "ab"]),
    ("connection_once_per_service", lambda user, service: [
        Connection.objects.create(user=user, service=service) for _ in "ab"
    ]),
    ("authorization_code_is_hashed", lambda user, service: authorization(user, service, code_hash="in-clear")),
    ("authorization_acr", lambda user, service: authorization(user, service, acr=0)),
    ("token_is_hashed", lambda user, service: token(user, service, hash="in-clear")),
    ("token_used_once_if_it_refreshes", lambda user, service: token(user, service, used_at=timezone.now())),
    ("logout_notice_final_is_not_due", lambda user, service: notice(user, service, outcome="delivered")),
    ("logout_notice_final_is_not_due", lambda user, service: notice(user, service, send_at=None)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "make"), REFUSED, ids=[name for name, _ in REFUSED])
def test_rows_that_contradict_themselves(
    person: User, service: Service, name: str, make: Callable[[User, Service], object]
) -> None:
    with pytest.raises(IntegrityError, match=name):
        make(person, service)


def test_the_right_ones_are_kept(person: User, service: Service) -> None:
    assert token(person, service, kind="refresh", used_at=timezone.now()).pk
    assert notice(person, service, outcome="failed", send_at=None).pk
