"""Celery's side of this app: shells of three lines."""

from celery import shared_task

from accounts import retention
from infra import purges


@shared_task(name="accounts.purge")
def purge() -> None:
    retention.purge()
    purges.done("accounts")
