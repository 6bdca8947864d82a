"""What a signed-in person changes in the account: password, questions, mobile, e-mail, devices. The owner is told.

A new mobile counts after its code, a new e-mail after the link that was sent to it.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import SessionBase
from django.core import mail, signing
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import protection
from accounts.models import Device, SecurityQuestion, User
from accounts.notices import tell, tell_by_email
from accounts.protection import ChangedElsewhere
from accounts.questions.answers import hash_answers
from accounts.sign_in import session_store
from infra import keys, security_log, throttle
from infra.limits import returns_limit
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session

log = logging.getLogger(__name__)

EMAIL_SALT = "accounts.changes.email"  # not to be renamed: links that were sent hold it
EMAIL_DIGITS = 32  # of the mark of the address
EMAIL_SECONDS = 86_400
EMAILS_PER_ACCOUNT = [(3, 900), (10, 86_400)]
NEW_MOBILE = "new_mobile"  # the session's name for the id of its challenge and the security_version that it began with


@contextmanager
def _change(request: HttpRequest, user: User, notice: str, **fields: Any) -> Iterator[None]:
    """protection.change, which tells the owner as the account was before; this session goes on under a new key.

    All other sessions end, and all that is under way. Raises ChangedElsewhere, and UpdateError if this session has
    ended meanwhile, which the middleware answers.
    """
    before = copy(user)
    with protection.change(user, **fields):
        session_store.hold(request.session)
        yield
        tell(before, notice)
    update_session_auth_hash(request, user)
    tell_by_email(before, notice)


@sensitive_variables("password", "password_hash")
def set_password(request: HttpRequest, user: User, password: str) -> None:
    """Give `user` a new password, which must keep the rules. Raises ChangedElsewhere.

    `user` is the account as gate.prove_again returned it for the present password.
    """
    password_hash = make_password(password)  # outside the transaction: it takes long
    with _change(request, user, "password_changed", password=password_hash):
        pass
    security_log.tell("change", of="password", national_code=user.national_code)


@sensitive_variables("answers", "answers_hash")
def set_questions(
    request: HttpRequest, user: User, questions: Sequence[SecurityQuestion], answers: Sequence[str]
) -> None:
    """Replace all questions and answers, which must keep the rules. `user`, errors: as in set_password."""
    answers_hash = hash_answers(answers)  # outside the transaction: it takes long
    chosen = {f"question_{number}": question for number, question in enumerate(questions, 1)}
    with _change(request, user, "questions_changed", **chosen, answers_hash=answers_hash):
        pass
    security_log.tell("change", of="questions", national_code=user.national_code)


def sign_out_device(request: HttpRequest, user: User, device: Device) -> None:
    """The device is forgotten; all sessions but this one end. `user`, errors: as in set_password."""
    with _change(request, user, "device_signed_out"):
        device.delete()
    security_log.tell("device", outcome="signed-out", national_code=user.national_code)


@returns_limit
def ask_mobile(session: SessionBase, user: User, mobile: str, client_ip: str) -> None:
    """Send a code to a new mobile (E.164). Returns infra.limits.LimitReached if nothing may be sent."""
    challenge = otp_session.begin(new_mobile(session, user), mobile=mobile, client_ip=client_ip, **_whose(user))
    _keep(session, user, challenge)
    otp_session.keep_held(session, challenge)


def _keep(session: SessionBase, user: User, challenge: OtpChallenge) -> None:
    session[NEW_MOBILE] = [challenge.pk, user.security_version]


def _whose(user: User) -> dict[str, str]:
    return {"purpose": OtpChallenge.Purpose.MOBILE_CHANGE, "national_code": user.national_code}


def new_mobile(session: SessionBase, user: User) -> OtpChallenge | None:
    """The challenge of a new mobile in this browser; None when none was asked for, or it is over.

    It is over, too, when what protects the account was changed since, in this session as well.
    """
    match session.get(NEW_MOBILE):
        case [int(pk), version] if version == user.security_version:
            return otp_session.held(pk, **_whose(user))
    return None


@returns_limit
def resend_code(session: SessionBase, user: User, challenge: OtpChallenge, client_ip: str) -> None:
    """Send the code again, or a new one when the old one is dead. Returns infra.limits.LimitReached if it may not."""
    otp_session.resend(challenge, client_ip, lambda current: _keep(session, user, current))
    otp_session.sent(session)


def set_mobile(request: HttpRequest, user: User, challenge: OtpChallenge) -> None:
    """The mobile of the confirmed challenge becomes the account's; the old one is told. Raises ChangedElsewhere.

    `user` has the security_version that `new_mobile` compared; the row must have it still.
    """
    with _change(request, user, "mobile_changed", mobile=challenge.mobile):
        if not otp.consume(challenge.pk):
            raise ChangedElsewhere
    request.session.pop(NEW_MOBILE, None)
    security_log.tell("change", of="mobile", national_code=user.national_code)


def _token(user: User, email: str) -> str:
    """Names the account and this one address; the address itself stays out of links, and so out of logs."""
    return signing.dumps([user.pk, keys.mark(EMAIL_SALT, email, EMAIL_DIGITS), user.security_version], salt=EMAIL_SALT)


def ask_email(user: User, email: str, absolute: Callable[[str], str]) -> bool:
    """Send the link to the new address; False if it could not be sent. Raises LimitReached.

    `absolute` makes an address of ours complete (HttpRequest.build_absolute_uri).
    """
    throttle.hit("e-mail-change", str(user.pk), EMAILS_PER_ACCOUNT)
    User.objects.filter(pk=user.pk).update(new_email=email)
    link = absolute(reverse("accounts:email-confirm", args=[_token(user, email)]))
    text = render_to_string("accounts/email_confirm.txt", {"link": link})
    try:
        mail.send_mail(_("Confirm your e-mail address"), text, settings.DEFAULT_FROM_EMAIL, [email])
    except OSError as error:  # smtplib's errors are of this kind; their text may hold the address
        log.error("a confirmation of an e-mail was not sent: %s", type(error).__name__)
        return False
    return True


def set_email(request: HttpRequest, user: User, token: str) -> bool:
    """Take the address that `token` was made for; False if it is too old, was used, or is another account's.

    Likewise if what protects the account was changed since the link was asked for.
    """
    try:
        kept = signing.loads(token, salt=EMAIL_SALT, max_age=EMAIL_SECONDS)
    except signing.BadSignature:
        return False
    user = User.objects.get(pk=user.pk)
    new_email = user.new_email
    account, marked, version = kept
    if not new_email or [account, version] != [user.pk, user.security_version]:
        return False
    if not keys.is_mark(marked, EMAIL_SALT, new_email, EMAIL_DIGITS):
        return False
    try:
        with _change(request, user, "email_changed", email=new_email):
            pass
    except ChangedElsewhere:
        return False
    security_log.tell("change", of="e-mail", national_code=user.national_code)
    return True
