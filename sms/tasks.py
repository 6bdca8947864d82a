"""Celery's side of this app: shells of three lines around delivery and work."""

from celery import shared_task

from infra import leases, purges
from infra.wake import MOST_DRAINS, wake
from sms import provider_status, statistics
from sms.otp import retention as challenges
from sms.outbox import delivery, reports
from sms.outbox import retention as messages


@shared_task(name="sms.deliver_code")
def deliver_code(pk: int) -> None:
    delivery.deliver("codes", pk)


@shared_task(name="sms.deliver")
def deliver(pk: int) -> None:
    delivery.deliver("texts", pk)


@shared_task(name="sms.drain_codes")
def drain_codes() -> None:
    delivery.drain("codes")


@shared_task(name="sms.drain_texts")
def drain_texts() -> None:
    delivery.drain("texts")


@shared_task(name="sms.sweep")
def sweep() -> None:
    """Every ten seconds: end what is over, wake threads for each queue that has due messages nobody holds."""
    delivery.expire()
    for queue in ("codes", "texts"):
        for _ in range(leases.waiting(delivery.due(queue), MOST_DRAINS)):
            wake(f"sms.drain_{queue}", expires=10)


@shared_task(name="sms.poll_delivery")
def poll_delivery() -> None:
    reports.poll()


@shared_task(name="sms.check_accounts")
def check_accounts() -> None:
    provider_status.check_accounts()


@shared_task(name="sms.purge")
def purge() -> None:
    messages.purge()
    challenges.purge_all()
    purges.done("sms")


@shared_task(name="sms.heartbeat")
def heartbeat(queue: str) -> None:
    statistics.beat(queue)
