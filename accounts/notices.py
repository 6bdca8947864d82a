"""Telling the owner what happened to the account: by a text message, and where there is an address by e-mail.

The text message is a row of the outbox and reaches the phone sooner or later; the e-mail is tried once. Neither holds a
link: those are for phishing.
"""

import logging

from django.conf import settings
from django.core import mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from sms.models import Message
from sms.outbox import queue as outbox

log = logging.getLogger(__name__)


def tell(user: User, template: str, *, mobile: str = "") -> None:
    """Queue `templates/sms/<template>.txt` for the account's mobile, or for `mobile`, in the caller's transaction."""
    recipient = mobile or user.mobile
    if recipient:
        outbox.add(
            recipient=recipient,
            purpose=Message.Purpose.NOTICE,
            template=template,
            reference=f"account:{user.pk}",
        )


def can_send_email() -> bool:
    return settings.EMAIL_BACKEND != "django.core.mail.backends.dummy.EmailBackend"


def tell_by_email(user: User, template: str) -> None:
    """The same to the account's e-mail, with what to do if it was somebody else. After the transaction of a change."""
    if not (user.email and can_send_email()):
        return
    with translation.override(settings.LANGUAGE_CODE):
        text = render_to_string("accounts/notice_email.txt", {"what": render_to_string(f"sms/{template}.txt").strip()})
        subject = _("Your account at the Social Security Organization was changed")
    try:
        mail.send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [user.email])
    except OSError as error:  # smtplib's errors are of this kind; their text may hold the address
        log.error("a notice was not sent by e-mail: %s", type(error).__name__)
