"""`manage.py send_test_sms 09…`: send one message by the configured provider, and say in words what it answered.

For the first day with a provider, and for the day it stops sending. A real message: it costs money. It is no row of the
outbox and counts for no limit.
"""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from iran.numbers import normalise_mobile
from sms import provider_status
from sms.backends import get_backends
from sms.backends.base import ErrorKind, Outgoing, Prepaid, Receipt, SmsBackend, SmsError, mask
from sms.models import OtpChallenge, new_idempotency_key
from sms.otp.challenge import TEMPLATES
from sms.outbox import segments

NOT_SENT = 2  # exit code; 1 is a wrong argument
CODE, TRACKING_CODE = "000000", "000000000000"


class Command(BaseCommand):
    help = """Send a test message by the configured provider (SMS_BACKEND), and explain the answer. It costs money.

Exit codes: 0 the provider has taken it over; 1 wrong argument; 2 it has not."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mobile", help="09…")
        kinds = parser.add_mutually_exclusive_group()
        kinds.add_argument("--text", action="store_true", help="as results are sent (the default)")
        kinds.add_argument("--code", action="store_true", help=f"as codes are sent; the code is {CODE}")
        kinds.add_argument("--call", action="store_true", help=f"as codes are read out by telephone: {CODE}")
        kinds.add_argument("--result", action="store_true", help="as results are told that did not arrive as a text")
        purposes = [str(purpose) for purpose in TEMPLATES]
        parser.add_argument("--purpose", choices=purposes, default=purposes[0], help="of a code: each has its own text")
        parser.add_argument("--provider", help="which of several in SMS_BACKEND; the first")

    def handle(self, *args: Any, mobile: str, provider: str | None, **options: Any) -> None:
        backend = _chosen(provider)
        purpose = options["purpose"] if options["code"] or options["call"] else ""
        outgoing = _outgoing(_recipient(mobile), purpose, voice=options["call"])
        if options["result"]:
            outgoing = _result(outgoing.recipient, backend)
        self.say(_("Provider: %(name)s %(address)s") % {"name": backend.name, "address": backend.address})
        told = {"mobile": mask(outgoing.recipient), "parts": segments.count(outgoing.text)}
        self.say(_("To %(mobile)s, counted as %(parts)s.") % told)
        begun, area = time.monotonic(), "codes" if outgoing.code else "texts"
        try:
            receipt = backend.send(outgoing)
        except SmsError as error:
            self.note_refusal(backend, area, error)
            raise CommandError(_refusal(backend, error), returncode=NOT_SENT) from None
        self.say(_("Taken over in %.1f seconds.") % (time.monotonic() - begun))
        self.tell(backend, area, receipt)

    def say(self, line: str) -> None:
        self.stdout.write(line)

    def tell(self, backend: SmsBackend, area: str, receipt: Receipt) -> None:
        if receipt.provider_id:
            self.say(_("The provider's number of it: %s") % receipt.provider_id)
        self.say(
            _("Look at the phone: it should be there within a minute. If not, look it up in the provider's panel.")
        )
        if isinstance(backend, Prepaid):
            try:
                self.say(_("Credit left: %s rial") % backend.credit())
            except SmsError as error:
                self.say(_refusal(backend, error))
        try:
            provider_status.works(backend.name, area)
        except Error as error:
            self.say(_("The database does not answer (%s).") % type(error).__name__)

    def note_refusal(self, backend: SmsBackend, area: str, error: SmsError) -> None:
        """What blocks a test blocks citizens: the health page shows it."""
        try:
            if error.kind is ErrorKind.CONFIGURATION:
                provider_status.met_problem(backend.name, area, error)
        except Error as failure:
            self.say(_("The database does not answer (%s).") % type(failure).__name__)


def _chosen(name: str | None) -> SmsBackend:
    try:
        backends = {backend.name: backend for backend in get_backends()}
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from None
    if name is not None and name not in backends:
        raise CommandError(f"--provider: {', '.join(backends)}")
    return backends[name] if name else next(iter(backends.values()))


def _recipient(mobile: str) -> str:
    """Any spelling that the citizens' form takes, as E.164."""
    try:
        return normalise_mobile(mobile)
    except ValidationError as error:
        raise CommandError(error.messages[0]) from None


def _outgoing(recipient: str, purpose: str, *, voice: bool) -> Outgoing:
    """A code if there is a purpose, else a text."""
    template = TEMPLATES[OtpChallenge.Purpose(purpose)] if purpose else "test"
    text = render_to_string(f"sms/{template}.txt", {"code": CODE, "host": settings.PORTAL_HOST}).strip()
    return Outgoing(recipient, text, new_idempotency_key(), CODE if purpose else None, voice, purpose)


def _result(recipient: str, backend: SmsBackend) -> Outgoing:
    if not backend.tells_results():
        raise CommandError("--result: this provider has no other way for results, or lacks its setting.")
    text = render_to_string("sms/result_again.txt", {"tracking_code": TRACKING_CODE}).strip()
    return Outgoing(recipient, text, new_idempotency_key(), result_of=TRACKING_CODE)


def _refusal(backend: SmsBackend, error: SmsError) -> str:
    meaning, remedy = backend.explain(error)
    lines = [
        _("Not taken over: %s") % error,
        _("What happened: %s.") % meaning,
        _("What to do: %s.") % remedy,
        _("Citizens' messages: %s.") % _consequence(error),
    ]
    return "\n".join(lines)


def _consequence(error: SmsError) -> str:
    """What the portal does after the same answer (sms.outbox.delivery)."""
    if error.unknown:
        return _("results are asked for and not sent twice; a code is not repeated, the citizen may ask for it again")
    if not error.retryable:
        return _("such a message is given up and shown as failed")
    if error.kind is ErrorKind.CONFIGURATION:
        return _("they wait, and are tried again every ten minutes")
    return _("they wait, and are tried again within minutes")
