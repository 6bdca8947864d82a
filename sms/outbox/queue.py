"""The only way to send a text message: a row, committed together with what caused it."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from infra import turns
from infra.wake import wake
from sms.models import Message
from sms.outbox import delivery, follow_up

log = logging.getLogger(__name__)


def add(
    *,
    recipient: str,
    purpose: str,
    template: str,
    params: Mapping[str, str] | None = None,
    reference: str = "",
    code_nonce: bytes | None = None,
    expires_at: datetime | None = None,
    national_code: str = "",
    client_ip: str | None = None,
    client_network: str | None = None,
    by_voice: bool = False,
    delay: timedelta = timedelta(0),
) -> Message:
    """Queue the text `templates/sms/<template>.txt`, filled with `params`, for `recipient` (E.164).

    Inside the caller's transaction: no row without its cause, no cause without its row. A worker is woken on commit;
    what leaves after a `delay` the sweep finds.
    """
    message = Message.objects.create(
        recipient=recipient,
        purpose=purpose,
        template=template,
        params=dict(params or {}),
        reference=reference,
        code_nonce=code_nonce,
        expires_at=expires_at,
        national_code=national_code,
        client_ip=client_ip,
        client_network=client_network,
        unconfirmed=code_nonce is not None,
        by_voice=by_voice,
        send_at=Now() + delay,
    )
    wake_for(message)
    return message


def text(*, recipient: str, purpose: str, template: str, params: Mapping[str, str], reference: str) -> Message:
    """The row of a text that is no code, for a statement that writes it together with its cause; then `wake_for`."""
    return Message(recipient=recipient, purpose=purpose, template=template, params=dict(params), reference=reference)


def wake_for(message: Message) -> None:
    """A worker is woken once the row is committed. Whoever inserts a message otherwise than by `add` calls this."""
    wake_up = _wake_for_code if message.purpose in Message.CODES else _wake
    transaction.on_commit(lambda: wake_up(message.pk), robust=True)  # a partial has no name, which Django would log


def _wake(pk: int) -> None:
    wake("sms.deliver", pk)


def _wake_for_code(pk: int) -> None:
    """Somebody is waiting before a form: if no worker can be woken, or none comes, this very process sends the code."""
    if wake("sms.deliver_code", pk):
        follow_up.watch(pk)
        return
    turns.give_up()  # while the provider is asked, other requests are answered
    try:
        delivery.deliver("codes", pk)
    except Exception as error:  # noqa: BLE001  the row is committed and the sweep finds it; the text may hold values
        log.error("message %s was not sent at once: %s", pk, type(error).__name__)
