"""Recoveries that no limit counts any more, forgotten devices and ended sessions are deleted."""

from datetime import timedelta

from django.db.models.functions import Now

from accounts.models import Device, RecoveryRun
from accounts.sign_in import devices
from accounts.sign_in.session_store import SessionStore

RUN_LEDGER_LIFETIME = timedelta(days=30)  # the longest window in which LIMIT_ANSWERS can count


def purge() -> None:
    old_runs = RecoveryRun.objects.filter(created_at__lt=Now() - RUN_LEDGER_LIFETIME)
    old_runs.exclude(stopped_until__gt=Now()).delete()
    Device.objects.filter(seen_at__lt=Now() - devices.LIFETIME).delete()
    SessionStore.clear_expired()
