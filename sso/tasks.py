"""Celery's side of this app: shells of three lines around endings and retention."""

from celery import shared_task

from infra import purges
from sso import retention, use
from sso.endings import ends, notices


@shared_task(name="sso.tell")
def tell() -> None:
    notices.drain()


@shared_task(name="sso.sweep")
def sweep() -> None:
    ends.sweep()
    notices.sweep()


@shared_task(name="sso.write_use")
def write_use() -> None:
    use.write()


@shared_task(name="sso.purge")
def purge() -> None:
    retention.purge()
    purges.done("sso")
