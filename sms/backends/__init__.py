"""Ways to send text messages, chosen by the setting SMS_BACKEND as Django's e-mail backends are by EMAIL_BACKEND.

handset    development: nothing is sent; /handset/ shows what a phone would have received
console    development: written to standard output
memory     tests: kept in `sms.backends.memory.outbox`
kavenegar  production

Another provider is one more folder with a subclass of `base.SmsBackend`, and a line in BACKENDS or its dotted path in
SMS_BACKEND. Of several, separated by commas, the first that does not refuse sends; an unknown outcome stays with its
provider (sms.outbox.delivery).
"""

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from sms.backends.base import SmsBackend

BACKENDS = {
    "handset": "sms.backends.handset.Handset",
    "console": "sms.backends.console.Console",
    "memory": "sms.backends.memory.Memory",
    "kavenegar": "sms.backends.kavenegar.client.Kavenegar",
}
LONGEST_NAME = 16  # what the column holds in which a message remembers its provider


def get_backends() -> list[SmsBackend]:
    """The configured backends, the preferred one first. Raises ImproperlyConfigured."""
    found = [_class(name)() for name in _chosen() or [""]]
    own = [backend.name for backend in found]
    if not own or len(set(own)) != len(own) or any(len(name) > LONGEST_NAME for name in own):
        raise ImproperlyConfigured("SMS_BACKEND: backends need names of their own, of at most 16 characters.")
    return found


def missing_setting() -> str:
    """The first setting that a chosen provider needs and has not, as one line for the operator: "NAME: what it takes.";
    "" when nothing is missing. Raises ImproperlyConfigured."""
    needed = (needs for name in _chosen() for needs in _class(name).needed_settings.items())
    return next((f"{name}: {takes}" for name, takes in needed if not getattr(settings, name, "")), "")


def callback_urls() -> list[str]:
    """Modules with the addresses to which providers report deliveries: those of every provider, chosen or not."""
    classes = [_class(name) for name in dict.fromkeys([*BACKENDS, *_chosen()])]
    return list(dict.fromkeys(backend.callback_urls for backend in classes if backend.callback_urls))


def _chosen() -> list[str]:
    chosen: str | Sequence[str] = settings.SMS_BACKEND
    return [name.strip() for name in chosen.split(",")] if isinstance(chosen, str) else list(chosen)


def _class(name: str) -> type[SmsBackend]:
    if name not in BACKENDS and "." not in name:
        raise ImproperlyConfigured(f"SMS_BACKEND takes one of: {', '.join(BACKENDS)}, or the dotted path of a class.")
    try:
        backend: type[SmsBackend] = import_string(BACKENDS.get(name, name))
    except ImportError:
        raise ImproperlyConfigured(f"SMS_BACKEND: {name} cannot be imported.") from None
    return backend
