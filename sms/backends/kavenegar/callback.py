"""Delivery reports that the provider sends of itself, to the address that is entered in its panel.

The panel takes an address and no header, so the secret may be its last part: no log may show it. What the reports look
like is not in the provider's documentation; `messageid` and `status`, as in its answers, are looked for in the query
and in the form. Nothing depends on them: sms.outbox.reports asks anyway.
"""

import hmac
import logging
import re

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt

from sms.backends.base import DeliveryState
from sms.backends.kavenegar.client import MOST_IDS, Kavenegar, reported
from sms.outbox import reports

log = logging.getLogger(__name__)

_SECRET_IN_PATH = re.compile(r"(/sms/kavenegar/status/)[^\s?\"']+")


@login_not_required
@csrf_exempt
def kavenegar(request: HttpRequest, secret: str = "") -> HttpResponse:
    """200 for whoever has the secret, known ids or not; else 403. Reports may be repeated, a final state stays.

    What comes without TLS, although the portal has it, is refused and not redirected: that would hide a wrong address
    in the panel, and the secret would travel in clear for ever (ASVS 4.1.2).
    """
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        log.error("a delivery report came without TLS: enter the address with https:// in the provider's panel")
        return HttpResponseForbidden(content_type="text/plain; charset=utf-8")
    given = request.headers.get("X-Callback-Secret", secret)
    expected = settings.KAVENEGAR_CALLBACK_SECRET
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        return HttpResponseForbidden(content_type="text/plain; charset=utf-8")
    told = request.POST if request.method == "POST" else request.GET
    ids, statuses = (told.get(name, "").split(",") for name in ("messageid", "status"))
    states: dict[str, DeliveryState] = {}
    for message_id, status in zip(ids[:MOST_IDS], statuses, strict=False):
        states |= reported(message_id.strip(), status.strip())
    reports.record(Kavenegar.name, states)
    return HttpResponse(content_type="text/plain; charset=utf-8")


class _HideSecret(logging.Filter):
    """Access logs and Django's lines about refused requests name the path."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, dict):  # gunicorn's own kind, which must stay one
            record.args.update({name: _hidden(value) for name, value in record.args.items()})
        elif record.args:
            record.args = tuple(_hidden(value) for value in record.args)
        record.msg = _hidden(record.msg)
        return True


def _hidden(value: object) -> object:
    return _SECRET_IN_PATH.sub(r"\1***", value) if isinstance(value, str) else value


for _name in ("django.request", "django.server", "django.security.csrf", "gunicorn.access"):
    logging.getLogger(_name).addFilter(_HideSecret())
