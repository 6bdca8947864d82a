"""Celery's side of this app: shells of three lines around delivery and work."""

from celery import shared_task

from infra import leases
from infra.wake import wake
from sms import provider_status, statistics
from sms.otp import retention as challenges
from sms.outbox import delivery, reports
from sms.outbox import retention as messages
from sms.outbox.delivery import KILL_SECONDS, STOP_SECONDS


@shared_task(name="sms.deliver_code", soft_time_limit=STOP_SECONDS["codes"], time_limit=KILL_SECONDS["codes"])
def deliver_code(pk: int) -> None:
    delivery.deliver("codes", pk)


@shared_task(name="sms.deliver", soft_time_limit=STOP_SECONDS["texts"], time_limit=KILL_SECONDS["texts"])
def deliver(pk: int) -> None:
    delivery.deliver("texts", pk)


@shared_task(name="sms.drain_codes", soft_time_limit=60, time_limit=75)
def drain_codes() -> None:
    delivery.drain("codes")


@shared_task(name="sms.drain_texts", soft_time_limit=60, time_limit=75)
def drain_texts() -> None:
    delivery.drain("texts")


@shared_task(name="sms.sweep")
def sweep() -> None:
    """Every ten seconds: end what is over, wake a worker for each queue that has due messages nobody holds."""
    delivery.expire()
    for queue in ("codes", "texts"):
        if leases.waiting(delivery.due(queue)):
            wake(f"sms.drain_{queue}", expires=10)


@shared_task(name="sms.poll_delivery", soft_time_limit=60, time_limit=75)
def poll_delivery() -> None:
    reports.poll()


@shared_task(name="sms.check_accounts", soft_time_limit=60, time_limit=75)
def check_accounts() -> None:
    provider_status.check_accounts()


@shared_task(name="sms.purge")
def purge() -> None:
    messages.purge()
    challenges.purge()
    challenges.purge_limit_events()


@shared_task(name="sms.heartbeat")
def heartbeat(queue: str) -> None:
    statistics.beat(queue)
