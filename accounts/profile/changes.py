"""What a signed-in person changes in the account: password, questions, mobile, e-mail. Each is told by SMS.

A new mobile counts after its code, a new e-mail after the link that was sent to it.
"""

import logging
from collections.abc import Callable, Sequence

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import SessionBase
from django.core import mail, signing
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts.models import SecurityQuestion, User
from accounts.notices import tell
from accounts.questions.answers import hash_answers
from infra import security_log, throttle
from infra.limits import returns_limit
from sms.models import OtpChallenge
from sms.otp import challenge as otp
from sms.otp import session as otp_session

log = logging.getLogger(__name__)

EMAIL_SALT = "accounts.changes.email"  # not to be renamed: links that were sent hold it
EMAIL_SECONDS = 86_400
EMAILS_PER_ACCOUNT = [(3, 900), (10, 86_400)]
NEW_MOBILE = "new_mobile"  # the session's name for the id of its challenge


class ChangedElsewhere(Exception):  # noqa: N818  a state of affairs, not a fault
    """The account was changed elsewhere meanwhile, or what should be used up is used up already."""


@sensitive_variables("password", "password_hash")
def set_password(request: HttpRequest, user: User, password: str) -> bool:
    """Give `user` a new password, which must keep the rules; False if it was changed elsewhere since `user` was read.

    `user` is the account as gate.prove returned it for the present password. This session goes on under a new key;
    all others end, because a session is bound to the password's hash. The owner is told by a text message.
    """
    password_hash = make_password(password)  # outside the transaction: it takes long
    with transaction.atomic():
        present = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
        if not present.update(password=password_hash):
            return False
        tell(user, "password_changed")
    user.password = password_hash
    update_session_auth_hash(request, user)
    security_log.tell("change", of="password", national_code=user.national_code)
    return True


@sensitive_variables("answers", "answers_hash")
def set_questions(user: User, questions: Sequence[SecurityQuestion], answers: Sequence[str]) -> None:
    """Replace all questions and answers, which must keep the rules. `user`: of gate.prove. Raises ChangedElsewhere."""
    answers_hash = hash_answers(answers)  # outside the transaction: it takes long
    chosen = {f"question_{number}": question for number, question in enumerate(questions, 1)}
    with transaction.atomic():
        present = User.objects.filter(pk=user.pk, password=user.password, is_active=True)
        if not present.update(**chosen, answers_hash=answers_hash):
            raise ChangedElsewhere
        tell(user, "questions_changed")
    security_log.tell("change", of="questions", national_code=user.national_code)


@returns_limit
def ask_mobile(session: SessionBase, user: User, mobile: str, client_ip: str) -> None:
    """Send a code to a new mobile (E.164). Returns infra.limits.LimitReached if nothing may be sent."""
    challenge = otp_session.begin(new_mobile(session, user), mobile=mobile, client_ip=client_ip, **_whose(user))
    session[NEW_MOBILE] = challenge.pk


def _whose(user: User) -> dict[str, str]:
    return {"purpose": OtpChallenge.Purpose.MOBILE_CHANGE, "national_code": user.national_code}


def new_mobile(session: SessionBase, user: User) -> OtpChallenge | None:
    """The challenge of a new mobile in this browser; None when none was asked for, or it is over."""
    return otp_session.held(session.get(NEW_MOBILE), **_whose(user))


@returns_limit
def resend_code(session: SessionBase, challenge: OtpChallenge, client_ip: str) -> None:
    """Send the code again, or a new one when the old one is dead. Returns infra.limits.LimitReached if it may not."""
    otp_session.resend(challenge, client_ip, lambda current: session.update({NEW_MOBILE: current.pk}))


def set_mobile(session: SessionBase, user: User, challenge: OtpChallenge) -> None:
    """The mobile of the confirmed challenge becomes the account's; the old one is told. Raises ChangedElsewhere."""
    with transaction.atomic():
        present = User.objects.filter(pk=user.pk, mobile=user.mobile, is_active=True)
        if not (otp.consume(challenge.pk) and present.update(mobile=challenge.mobile)):
            raise ChangedElsewhere
        tell(user, "mobile_changed", mobile=user.mobile)
    session.pop(NEW_MOBILE, None)
    security_log.tell("change", of="mobile", national_code=user.national_code)


def _token(user: User, email: str) -> str:
    """Names the account and this one address; the address itself stays out of links, and so out of logs."""
    return signing.dumps([user.pk, _mark(email)], salt=EMAIL_SALT)


def can_send_email() -> bool:
    return settings.EMAIL_BACKEND != "django.core.mail.backends.dummy.EmailBackend"


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


def set_email(user: User, token: str) -> bool:
    """Take the address that `token` was made for; False if it is too old, was used, or is another account's."""
    try:
        pk, mark = signing.loads(token, salt=EMAIL_SALT, max_age=EMAIL_SECONDS)
    except signing.BadSignature:
        return False
    user.refresh_from_db(fields=["new_email"])
    if pk != user.pk or not user.new_email or mark != _mark(user.new_email):
        return False
    with transaction.atomic():
        waiting = User.objects.filter(pk=user.pk, new_email=user.new_email)
        if not waiting.update(email=user.new_email, new_email=""):
            return False
        tell(user, "email_changed")
    security_log.tell("change", of="e-mail", national_code=user.national_code)
    return True


def _mark(email: str) -> str:
    return salted_hmac(EMAIL_SALT, email, algorithm="sha256").hexdigest()[:32]
