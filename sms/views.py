"""The development handset: a page that shows what a phone would have received."""

import unicodedata
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from iran.typed import LONGEST
from sms.models import Message
from sms.outbox import delivery

SHOWN = 50


@login_not_required
@require_safe
def handset(request: HttpRequest) -> HttpResponse:
    """Newest first; `?to=` any spelling of a mobile; JSON `[{to, text, at}]` when asked for. 404 with other backends.

    The texts are made again from the rows, so codes are stored nowhere for this page either.
    """
    if "handset" not in settings.SMS_BACKEND:
        raise Http404
    received = Message.objects.filter(provider="handset", state=Message.State.ACCEPTED).order_by("-accepted_at", "-pk")
    to = "".join(str(unicodedata.decimal(sign)) for sign in request.GET.get("to", "")[:LONGEST] if sign.isdecimal())
    if to:
        received = received.filter(recipient__endswith=to[-10:])
    sms = [_shown(message) for message in received[:SHOWN]]
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        return JsonResponse(sms, safe=False)
    return render(request, "handset.html", {"sms": sms, "to": request.GET.get("to", "")})


def _shown(message: Message) -> dict[str, Any]:
    return {"to": f"0{message.recipient[3:]}", "text": delivery.text_of(message), "at": message.accepted_at}
