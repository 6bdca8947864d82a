"""What is wrong with the providers' accounts: noted by whoever meets it, shown to operators until it is over."""

import logging
from datetime import timedelta

from django.db.models.functions import Now

from infra import statements
from sms.backends import get_backends
from sms.backends.base import ErrorKind, Prepaid, SmsError
from sms.models import ProviderState

log = logging.getLogger(__name__)

ACCOUNT = "account"
# What blocks messages is met again every ten minutes, with each of them and by `check_accounts`. One that nobody has
# met for longer may be over: without this end, a portal that is not ready would get no citizen whose code tells.
PROBLEM_LASTS = timedelta(minutes=20)


def met_problem(provider: str, area: str, error: SmsError) -> None:
    """Note that nobody's messages pass in this area ("codes", "texts", "account") until an operator acts."""
    found = {"problem": str(error)[:60], "seen_at": Now()}
    ProviderState.objects.update_or_create(provider=provider, area=area, defaults=found)


def works(provider: str, area: str) -> None:
    """A message has passed, so nothing is in its way any more."""
    statements.together({"works": working(provider, area)})


def working(provider: str | statements.Given, area: str | statements.Given) -> statements.Sql:
    """The same as a part of a statement that writes more."""
    ailing = ProviderState.objects.filter(provider=provider, area=area).exclude(problem="")
    return statements.change(ailing, {"problem": "", "seen_at": None})


def problems() -> dict[tuple[str, str], str]:
    """(provider, area) → reason, of all that is in messages' way now."""
    current = ProviderState.objects.exclude(problem="").filter(seen_at__gt=Now() - PROBLEM_LASTS)
    return {(state.provider, state.area): state.problem for state in current.order_by("-seen_at")}


def refusing() -> dict[str, int]:
    """Provider → 1 if there is anything in messages' way now, else 0; of those that are named in SMS_BACKEND."""
    met = {provider for provider, _ in problems()}
    return {backend.name: int(backend.name in met) for backend in get_backends()}


def blocked() -> bool:
    """Can codes, or other messages, leave by no provider at all?"""
    met, names = problems(), [backend.name for backend in get_backends()]
    return any(all((name, area) in met for name in names) for area in ("codes", "texts"))


def configuration_problem() -> str | None:
    """What an operator must mend, as "kavenegar: configuration 418: credit too low"; None: nothing."""
    return next((f"{provider}: {reason}" for (provider, _), reason in problems().items()), None)


def credit_level() -> str | None:
    """ "low", "ok", or None where no provider in SMS_BACKEND has told yet. The sum itself is nobody's business."""
    told = dict(ProviderState.objects.exclude(credit=None).values_list("provider", "credit"))
    known = [(backend, told.get(backend.name)) for backend in get_backends() if isinstance(backend, Prepaid)]
    low = [backend.is_low(credit) for backend, credit in known if credit is not None]
    return None if not low else "low" if any(low) else "ok"


def check_accounts() -> None:
    """Ask each provider that is paid in advance what is left, and sound the alarm when it is little."""
    for backend in get_backends():
        if isinstance(backend, Prepaid):
            _check(backend)


def _check(backend: Prepaid) -> None:
    try:
        credit = backend.credit()
    except SmsError as error:
        log.log(
            logging.ERROR if error.alarming else logging.WARNING,
            "%s does not tell its credit: %s",
            backend.name,
            error,
        )
        if error.kind is ErrorKind.CONFIGURATION:
            met_problem(backend.name, ACCOUNT, error)
        return
    if backend.is_low(credit):
        log.error("%s: the credit is low: %s rial", backend.name, credit)
    found = {"problem": "", "seen_at": None, "credit": credit, "credit_at": Now()}
    ProviderState.objects.update_or_create(provider=backend.name, area=ACCOUNT, defaults=found)
