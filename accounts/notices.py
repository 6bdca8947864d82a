"""Telling the owner by a text message what happened to the account. Short, without links: those are for phishing."""

from accounts.models import User
from sms.models import Message
from sms.outbox import queue as outbox


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
