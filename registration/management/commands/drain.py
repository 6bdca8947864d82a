"""`manage.py drain`: does all work that is due, in this one process. For a portal whose Redis or workers are away."""

import signal
from argparse import ArgumentTypeError
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections

from infra import due_work
from infra.leases import waiting
from registration.identity import check
from registration.lifecycle import decisions, reaching
from sms.outbox import delivery, reports

SIGNAL_CHECK_SECONDS = 0.5  # while nothing is done


class Command(BaseCommand):
    help = (
        "Do everything that is due, once: one-time codes, identity checks, other text messages, delivery reports, "
        "results that did not arrive, the end of what has waited for too long, and what other services are told. "
        "Prints how many of each. Needs neither Redis nor workers, and may run beside them. After SIGTERM or SIGINT it "
        "finishes the message or check in hand, and ends."
    )
    stop_asked = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every", type=_seconds, metavar="SECONDS", help="do it again after a pause, until a signal"
        )
        parser.add_argument(
            "--at-most",
            type=_seconds,
            default=300.0,
            metavar="SECONDS",
            help="begin nothing more after this time [300]",
        )

    def handle(self, *args: Any, every: float | None, at_most: float, **options: Any) -> None:
        with self._signals_taken():
            if every is None:
                self._do_what_is_due(at_most)
            while every is not None and not self.stop_asked:
                try:
                    self._do_what_is_due(at_most)
                except Error as error:  # as for workers, a database that is away is no reason to end
                    self.stderr.write(f"the database: {type(error).__name__}")
                close_old_connections()
                self._pause(every)

    def _do_what_is_due(self, at_most: float) -> None:
        until = monotonic() + at_most

        def go_on() -> bool:
            return not self.stop_asked and monotonic() < until

        def no_code_waits() -> bool:
            return go_on() and not waiting(delivery.due("codes"))

        done = Counter({"expired messages": delivery.expire(), "expired requests": decisions.expire()})
        while go_on():
            taken = {
                "codes": delivery.drain("codes", go_on),
                "identity checks": check.drain(no_code_waits),
                "other messages": delivery.drain("texts", no_code_waits),
            }
            done.update(taken)
            if not any(taken.values()):
                done["delivery reports"] = reports.poll()
                done["results followed up"] = reaching.follow_up()
                break
        done.update({kind: drain(go_on) for kind, drain in due_work.drains().items()})
        kinds = (
            "codes",
            "identity checks",
            "other messages",
            "delivery reports",
            "results followed up",
            "expired messages",
            "expired requests",
            *due_work.drains(),
        )
        in_time = "" if go_on() else "; stopped before the end"
        self.stdout.write(", ".join(f"{kind}: {done[kind]}" for kind in kinds) + in_time)
        self.stdout.flush()

    def _pause(self, seconds: float) -> None:
        until = monotonic() + seconds
        while not self.stop_asked and (left := until - monotonic()) > 0:
            sleep(min(left, SIGNAL_CHECK_SECONDS))

    @contextmanager
    def _signals_taken(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, *_: object) -> None:
        self.stop_asked = True


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value <= 86_400:
        raise ArgumentTypeError("a number of seconds, more than 0 and at most 86400.")
    return value
