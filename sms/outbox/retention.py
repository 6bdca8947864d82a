"""The ledger forgets: messages that came to their end a month ago are deleted."""

from collections.abc import Callable, Collection
from datetime import timedelta

from django.db.models.functions import Now

from sms.models import Message

LEDGER_LIFETIME = timedelta(days=30)
BATCH = 1000


def purge(still_open: Callable[[Collection[str]], Collection[str]] = lambda references: ()) -> int:
    """Delete final messages of more than 30 days, in batches; returns how many.

    `still_open` gets references such as "request:12" and returns those of things that are not settled yet: their
    messages stay, for whoever must settle them.
    """
    deleted = after = 0
    while rows := _old(after):
        after = rows[-1][0]
        kept = set(still_open({reference for _, reference in rows if reference}))
        gone = [pk for pk, reference in rows if reference not in kept]
        deleted += Message.objects.filter(pk__in=gone).delete()[0]
    return deleted


def _old(after: int) -> list[tuple[int, str]]:
    final = Message.objects.filter(pk__gt=after, state__in=Message.FINAL, created_at__lt=Now() - LEDGER_LIFETIME)
    return list(final.order_by("pk").values_list("pk", "reference")[:BATCH])
