"""Celery's side of this app: shells of three lines around checks, decisions and retention."""

from celery import shared_task

from infra import purges
from infra.leases import waiting
from infra.wake import MOST_DRAINS, wake
from registration.figures import recount
from registration.identity import check
from registration.lifecycle import decisions, reaching, retention


@shared_task(name="registration.check_identity")
def check_identity(pk: int) -> None:
    check.check(pk)


@shared_task(name="registration.drain")
def drain() -> None:
    check.drain()


@shared_task(name="registration.sweep")
def sweep() -> None:
    """Every ten seconds: end what is undecided for too long, wake threads when requests are due that nobody holds."""
    decisions.expire()
    for _ in range(waiting(check.due(), MOST_DRAINS) + waiting(check.due_again())):
        wake("registration.drain", expires=10)


@shared_task(name="registration.follow_up")
def follow_up() -> None:
    reaching.follow_up()


@shared_task(name="registration.purge")
def purge() -> None:
    retention.purge()
    purges.done("registration")


@shared_task(name="registration.count")
def count() -> None:
    recount.recount()
