"""Results of requests that surely did not arrive: taken once each by whoever caused them, and told in another way.

That way is a text of the provider's panel, which says no more than that a result is there.
"""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from sms.backends import get_backends
from sms.models import Message
from sms.outbox import queue

State = Message.State
NOT_REACHED = Q(
    state__in=[State.FAILED, State.UNDELIVERED, State.EXPIRED], purpose__in=Message.RESULTS, followed_up_at=None
)
AT_ONCE = 100
OF_USE = timedelta(hours=24)  # so long the second message is tried


def take() -> list[Message]:
    """Some that nobody has taken, oldest first; none is taken twice. In the caller's transaction."""
    waiting = Message.objects.filter(NOT_REACHED).order_by("pk")
    taken = list(waiting.select_for_update(skip_locked=True)[:AT_ONCE])
    Message.objects.filter(pk__in=[message.pk for message in taken]).update(followed_up_at=Now())
    return taken


def can_tell_again(message: Message) -> bool:
    """Whether a provider has another way, and this one was not told in it before."""
    again = Message.objects.filter(reference=message.reference, purpose=Message.Purpose.RESULT_AGAIN)
    return any(backend.tells_results() for backend in get_backends()) and not again.exists()


def tell_again(message: Message, tracking_code: str) -> None:
    """Queue that a result is there, for the same mobile. Once for each reference, ever."""
    queue.add(
        recipient=message.recipient,
        purpose=Message.Purpose.RESULT_AGAIN,
        template="result_again",
        params={"tracking_code": tracking_code},
        reference=message.reference,
        expires_at=timezone.now() + OF_USE,
    )
