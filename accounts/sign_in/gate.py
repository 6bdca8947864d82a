"""Who is it? The one gate that every sign-in passes: citizens' page, the desk's, and asking for the password again.

Limits are counted before the password is hashed, for codes that exist and codes that do not; a right password takes
its own event back. An unknown code costs the same hash as a known one. A device that the account knows, and a session
that is open, are counted for themselves alone, wrong passwords and hashes, so that nobody who tries elsewhere, with
whatever password, can lock the owner out of them. (docs/contract.md, limits.)
"""

import re
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from accounts.passwords import budget
from accounts.passwords.hasher import LaneFull
from accounts.sign_in import devices
from infra import security_log, throttle
from infra.limits import client_ip_key
from iran.numbers import NATIONAL_CODE, clean_number

BY_CODE, BY_ADDRESS = "sign-in-national-code", "sign-in-ip"
BY_DEVICE, BY_SESSION = "sign-in-device", "password-session"
BY_DESK_CODE, BY_DESK_ADDRESS = "desk-sign-in-national-code", "desk-sign-in-ip"


@sensitive_variables("password", "national_code", "code", "token")
def prove(national_code: str, password: str, client_ip: str | None, token: str = "") -> User | None:
    """The account with this national code (any digits) if the password is its own, active or not; else None.

    `client_ip` is None if there is no client (a command). `token`: what devices.token_of says. Raises
    infra.limits.LimitReached when too many failed, or were right, and LaneFull (then nothing was tried or counted).
    """
    code = clean_number(national_code)
    device = devices.find(token, code)
    if device:
        return _prove(code, password, _Counted(_failures(BY_DEVICE, str(device.pk)), f"device {device.pk}"), "known")
    address = client_ip_key(client_ip) if client_ip else ""
    return _prove(code, password, _Counted(_failures(BY_CODE, code), f"code {code}", address), "unknown")


@sensitive_variables("password")
def prove_again(user: User, password: str, session: str) -> User | None:
    """The account as it is now if the password is its own, in a session that is open: sessions.counted_as says which.

    Raises as `prove` does, by what was asked in this session alone.
    """
    counted = _Counted(_failures(BY_SESSION, session), f"session {session}")
    return _prove(user.national_code, password, counted, "session")


@sensitive_variables("password", "code")
def prove_at_desk(national_code: str, password: str, client_ip: str | None) -> User | None:
    """As `prove`, under rules of the desk's own: what strangers try on the citizens' page stops no clerk."""
    code = clean_number(national_code)
    address = client_ip_key(client_ip) if client_ip else ""
    counted = _Counted(_failures(BY_DESK_CODE, code), f"desk {code}", address, BY_DESK_ADDRESS)
    return _prove(code, password, counted, "unknown")


class _Counted(NamedTuple):
    """What a try counts for: failures, whose hashes, and failures by address unless that is empty."""

    failures: throttle.Limit
    whose: str
    address: str = ""
    address_rule: str = BY_ADDRESS


def _failures(rule: str, value: str) -> throttle.Limit:
    return throttle.Limit(rule, value, settings.LIMIT_SIGN_IN_PER_NATIONAL_CODE)


@sensitive_variables("password", "code")
def _prove(code: str, password: str, counted: _Counted, device: str) -> User | None:
    security_log.concerns(code)
    hashes = budget.limit(counted.whose)
    by_address = throttle.Limit(counted.address_rule, counted.address, settings.LIMIT_SIGN_IN_PER_IP)
    limits = [counted.failures, *([by_address] if counted.address else []), hashes]
    event = throttle.hit_all(*limits)
    try:
        user = _owner(code, password)
    except LaneFull:  # nothing was tried
        throttle.refund_all(event, *limits)
        raise
    if user is None:
        throttle.refund(hashes.rule, hashes.value, event)  # strangers use up nothing that a right password needs
        security_log.tell("password", outcome="wrong", device=device)
        return None
    security_log.tell("password", outcome="right", device=device)
    throttle.forget(counted.failures.rule, counted.failures.value)
    if counted.address:
        throttle.refund(by_address.rule, by_address.value, event)
    return user


@sensitive_variables("password", "code")
def _owner(code: str, password: str) -> User | None:
    """Whose account it is, if the password is right. The same work for every code. Raises LaneFull."""
    user = User.objects.filter(national_code=code).first() if re.fullmatch(NATIONAL_CODE, code) else None
    if user is None:
        make_password(password)
        return None
    before = user.password
    if not user.check_password(password):
        return None
    if user.password != before:  # it was hashed anew with the parameters of today, which the database counts
        user.refresh_from_db(fields=["security_version"])
    return user


class NationalCodeBackend(ModelBackend):
    """Accounts by national code. Permissions, and the end of a deactivated person's session, are ModelBackend's."""

    @sensitive_variables("password")
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **credentials: Any
    ) -> User | None:
        national_code = username or credentials.get(User.USERNAME_FIELD)
        if not national_code or not password:
            return None
        user = prove_at_desk(national_code, password, request.META["REMOTE_ADDR"] if request else None)
        return user if user and user.is_active else None
