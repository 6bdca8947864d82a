"""Ways to send text messages, chosen by the setting SMS_BACKEND as Django's e-mail backends are by EMAIL_BACKEND.

handset    development: nothing is sent; /handset/ shows what a phone would have received
console    development: written to standard output
memory     tests: kept in `sms.backends.memory.outbox`
kavenegar  production
"""

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from sms.backends.base import Backend

BACKENDS = {
    "handset": "sms.backends.handset.Handset",
    "console": "sms.backends.console.Console",
    "memory": "sms.backends.memory.Memory",
    "kavenegar": "sms.backends.kavenegar.Kavenegar",
}


def get_backends() -> list[Backend]:
    """The configured backends, the preferred one first. Raises ImproperlyConfigured."""
    chosen: str | Sequence[str] = settings.SMS_BACKEND
    names = [name.strip() for name in chosen.split(",")] if isinstance(chosen, str) else list(chosen)
    if not names or not set(names) <= BACKENDS.keys():
        raise ImproperlyConfigured(f"SMS_BACKEND takes one of: {', '.join(BACKENDS)}.")
    return [import_string(BACKENDS[name])() for name in names]


def get_backend() -> Backend:
    """The backend that sends: the preferred one. Raises ImproperlyConfigured."""
    return get_backends()[0]
