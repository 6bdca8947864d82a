"""Whom to tell about a hole in the portal: /.well-known/security.txt (RFC 9116)."""

import datetime as dt

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

VALID = dt.timedelta(days=180)  # counted from today: it never expires while the portal runs. RFC 9116: less than a year


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """404 without SECURITY_CONTACT."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    scheme = "https" if settings.HTTPS else "http"
    expires = dt.datetime.now(dt.UTC).date() + VALID
    lines = [
        *(f"Contact: {contact}" for contact in settings.SECURITY_CONTACT),
        f"Expires: {expires}T00:00:00Z",
        "Preferred-Languages: fa, en",
        f"Canonical: {scheme}://{settings.PORTAL_HOST}{reverse('security-txt')}",
    ]
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")
