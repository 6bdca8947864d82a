"""The only way to send a text message: a row, committed together with what caused it."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from django.db import transaction

from sms import delivery, tasks
from sms.models import Message
from sms.wake import wake


def queue(
    *,
    recipient: str,
    purpose: str,
    template: str,
    params: Mapping[str, str] | None = None,
    reference: str = "",
    code_nonce: bytes | None = None,
    expires_at: datetime | None = None,
    subject: str = "",
    source: str | None = None,
) -> Message:
    """Queue the text `templates/sms/<template>.txt`, filled with `params`, for `recipient` (E.164).

    Inside the caller's transaction: no row without its cause, no cause without its row. A worker is woken on commit.
    """
    message = Message.objects.create(
        recipient=recipient,
        purpose=purpose,
        template=template,
        params=dict(params or {}),
        reference=reference,
        code_nonce=code_nonce,
        expires_at=expires_at,
        subject=subject,
        source=source,
    )
    transaction.on_commit(partial(_wake, message.pk, is_code=code_nonce is not None), robust=True)
    return message


def _wake(pk: int, *, is_code: bool) -> None:
    queue_name = "codes" if is_code else "sms"
    if not wake(tasks.deliver, queue_name, pk, queue=queue_name) and is_code:
        delivery.deliver(queue_name, pk)  # somebody is waiting before a form for this one
