"""The ledger forgets: messages that came to their end a month ago are deleted.

Other apps say which messages they still need when they are loaded, so that this app need not know them.
"""

from collections.abc import Callable, Collection
from datetime import timedelta

from django.db.models.functions import Now

from sms.models import Message

LEDGER_LIFETIME = timedelta(days=30)
BATCH = 1000

# Gets references such as "request:12"; returns those of things that are not settled yet.
StillOpen = Callable[[Collection[str]], Collection[str]]

_askers: dict[str, StillOpen] = {}


def keep_while_open(name: str, still_open: StillOpen) -> None:
    """Messages of what `still_open` returns stay, for whoever must settle it."""
    _askers[name] = still_open


def purge() -> int:
    """Delete final messages of more than 30 days, in batches; returns how many."""
    deleted = after = 0
    while rows := _old(after):
        after = rows[-1][0]
        references = {reference for _, reference in rows if reference}
        kept = {reference for still_open in _askers.values() for reference in still_open(references)}
        gone = [pk for pk, reference in rows if reference not in kept]
        deleted += Message.objects.filter(pk__in=gone).delete()[0]
    return deleted


def _old(after: int) -> list[tuple[int, str]]:
    final = Message.objects.filter(pk__gt=after, state__in=Message.FINAL, created_at__lt=Now() - LEDGER_LIFETIME)
    return list(final.order_by("pk").values_list("pk", "reference")[:BATCH])
