"""Who is it? The one gate that every sign-in passes: citizens' page, the desk's, and asking for the password again.

Limits are counted before the password is hashed, for codes that exist and codes that do not; a right password takes
its own event back. An unknown code costs the same hash as a known one. A device that the account knows is counted for
itself alone, so that nobody can lock the owner out of it. (docs/contract.md, limits.)
"""

import re
from typing import Any

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

BY_CODE, BY_ADDRESS, BY_DEVICE = "sign-in-national-code", "sign-in-ip", "sign-in-device"


@sensitive_variables("password", "national_code", "code", "token")
def prove(national_code: str, password: str, client_ip: str | None, token: str = "") -> User | None:
    """The account with this national code (any digits) if the password is its own, active or not; else None.

    `client_ip` is None if there is no client (a command). `token`: what devices.token_of says. Raises
    infra.limits.LimitReached when too many failed, or were right, and LaneFull (then nothing was tried or counted).
    """
    code = clean_number(national_code)
    security_log.concerns(code)
    device = devices.find(token, code)
    counted = throttle.Limit(BY_CODE, code, settings.LIMIT_SIGN_IN_PER_NATIONAL_CODE)
    if device:
        counted = counted._replace(rule=BY_DEVICE, value=str(device.pk))
    limits = [counted]
    if client_ip and not device:
        limits.append(throttle.Limit(BY_ADDRESS, client_ip_key(client_ip), settings.LIMIT_SIGN_IN_PER_IP))
    limits.append(budget.limit(f"code {code}"))
    event = throttle.hit_all(*limits)
    try:
        user = _owner(code, password)
    except LaneFull:  # nothing was tried
        throttle.refund_all(event, *limits)
        raise
    if user is None:
        throttle.refund(*limits[-1][:2], event)  # strangers use up nothing that the owner's right password needs
        security_log.tell("password", outcome="wrong", device="known" if device else "unknown")
        return None
    security_log.tell("password", outcome="right", device="known" if device else "unknown")
    throttle.forget(counted.rule, counted.value)
    if client_ip and not device:
        throttle.refund(BY_ADDRESS, client_ip_key(client_ip), event)
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
        user = prove(national_code, password, request.META["REMOTE_ADDR"] if request else None)
        return user if user and user.is_active else None
