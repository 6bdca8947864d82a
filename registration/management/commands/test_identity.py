"""`manage.py test_identity`: ask the configured service about one person, and say in words what it answered.

For the first day with a provider, and for the day it stops answering. Each question is a real inquiry: it costs money
and counts as one. What is typed here, and what the service tells, goes nowhere but to the terminal.
"""

import datetime as dt
import re
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Person
from iran import jalali
from iran.names import is_name, normalise_name, series_letter
from iran.numbers import clean_number, normalise_mobile, normalise_national_code
from registration.desk.record import FINDINGS
from registration.identity import get_backend
from registration.identity.base import Applicant, IdentityAnswer, OwnershipAnswer
from registration.identity.failures import IdentityError
from registration.identity.metered import MeteredClient
from registration.identity.remedies import explain
from registration.models import RegistrationRequest

NO_ANSWER = 2  # exit code; 1 is a wrong argument

Ownership, Identity = RegistrationRequest.Ownership, RegistrationRequest.Identity
Answer = TypeVar("Answer", OwnershipAnswer, IdentityAnswer)


def _name(text: str) -> str:
    if not is_name(name := normalise_name(text)):
        raise ValueError
    return name


def _digits(text: str) -> str:
    if not re.fullmatch("[0-9]{1,10}", number := clean_number(text)):
        raise ValueError
    return number


def _gender(text: str) -> str:
    return RegistrationRequest.Gender(text.strip().lower()).value


def _birth_date(text: str) -> dt.date:
    return jalali.parse(text, today=timezone.localdate())


# Name of a field → what to type, how it is read, whether the question needs it.
Field = tuple[str, Callable[[str], object], bool]
PROMPTS: dict[str, Field] = {
    "national_code": ("national code, 10 digits", normalise_national_code, True),
    "mobile": ("mobile, 09…", normalise_mobile, True),
    "last_name": ("last name, in Persian letters", _name, True),
    "first_name": ("first name, in Persian letters", _name, True),
    "certificate_number": ("number of the birth certificate", _digits, True),
    "certificate_serial": ("its serial number, or nothing", _digits, False),
    "certificate_series_letter": ("the letter of its series, or nothing", series_letter, False),
    "certificate_series_number": ("the number of its series, or nothing", _digits, False),
    "birth_date": ("birth date, year/month/day in the Solar Hijri calendar", _birth_date, True),
    "gender": ("gender, female or male", _gender, True),
}
OWNERSHIP = ("national_code", "mobile")


class Command(BaseCommand):
    help = """Ask the configured identity service (IDENTITY_BACKEND) about one person, and explain the answer.

Asks for what the arguments do not tell; better so: arguments stay in the shell's history. Each question costs money.
Exit codes: 0 answered; 1 wrong argument; 2 no answer."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--ownership", action="store_true", help="only: is the mobile the person's own?")
        parser.add_argument("--identity", action="store_true", help="only: does the registry know the person so?")
        for name in (*OWNERSHIP, *Person.IDENTITY_FIELDS):
            _prompt, _read, needed = PROMPTS[name]
            parser.add_argument(f"--{name.replace('_', '-')}", help="" if needed else "may be left out")

    def handle(self, *args: Any, ownership: bool, identity: bool, **options: Any) -> None:
        both = ownership == identity
        asks_owner, asks_person = both or ownership, both or identity
        fields = (*(OWNERSHIP if asks_owner else OWNERSHIP[:1]), *(Person.IDENTITY_FIELDS if asks_person else ()))
        applicant = Applicant(**{"mobile": ""} | {name: self.read(name, options[name]) for name in fields})
        try:
            backend = get_backend()
        except IdentityError as error:
            raise CommandError(_no_answer(error), returncode=NO_ANSWER) from None
        if isinstance(backend, MeteredClient):
            backend.bypass_breaker = True
        self.stdout.write(_("Service: %(name)s %(address)s") % {"name": backend.name, "address": _address()})
        owner = self.ask(backend.ownership, applicant) if asks_owner else None
        if owner:
            self.stdout.write(f"{Ownership(owner.ownership).label}  {owner.reference}")
        person = self.ask(backend.identity, applicant) if asks_person else None
        if person:
            self.tell(person)
        if owner and person:
            self.stdout.write(_consequence(owner, person))
        if len([answer for answer in (owner, person) if answer]) < 1 + both:
            raise CommandError(_("Not every question was answered."), returncode=NO_ANSWER)

    def tell(self, person: IdentityAnswer) -> None:
        self.stdout.write(f"{Identity(person.identity).label}  {person.reference}")
        for name, finding in person.findings.items():
            label = getattr(RegistrationRequest._meta.get_field(name), "verbose_name", name)
            self.stdout.write(f"  {label}: {FINDINGS.get(finding, finding)}")

    def ask(self, question: Callable[[Applicant], Answer], applicant: Applicant) -> Answer | None:
        """The answer; or None, and why there is none is told."""
        begun = time.monotonic()
        try:
            answer = question(applicant)
        except IdentityError as error:
            self.stdout.write(_no_answer(error))
            return None
        except Error as error:  # its text may hold what was typed
            raise CommandError(
                _("The database does not answer (%s).") % type(error).__name__, returncode=NO_ANSWER
            ) from None
        self.stdout.write(_("Answered in %.1f seconds.") % (time.monotonic() - begun))
        return answer

    def read(self, name: str, given: str | None) -> Any:
        prompt, read, needed = PROMPTS[name]
        try:
            text = input(f"{prompt}: ") if given is None else given
        except EOFError:
            raise CommandError(f"--{name.replace('_', '-')} is missing.") from None
        if not text.strip() and not needed:
            return ""
        try:
            return read(text)
        except (ValidationError, ValueError):
            raise CommandError(f"--{name.replace('_', '-')}: {prompt}") from None


def _address() -> str:
    """Where the questions go; no key is part of it."""
    return {"jibit": settings.JIBIT_BASE_URL, "gsb": settings.GSB_BASE_URL}.get(settings.IDENTITY_BACKEND, "")


def _no_answer(error: IdentityError) -> str:
    meaning, remedy = explain(error)
    lines = [
        _("No answer: %s") % error,
        _("What happened: %s.") % meaning,
        _("What to do: %s.") % remedy,
        _("A citizen's request would wait and be asked about again; nobody is refused because of this."),
    ]
    return "\n".join(lines)


def _consequence(owner: OwnershipAnswer, person: IdentityAnswer) -> str:
    """The table of docs/contract.md, decisions."""
    if person.identity != Identity.MATCH:
        return _("With these answers a request does not match: the citizen is told by a text message.")
    if owner.ownership != Ownership.OWNED:
        return _("With these answers a request is approved, and the account is activated at a branch.")
    return _("With these answers a request is approved and the account is active.")
