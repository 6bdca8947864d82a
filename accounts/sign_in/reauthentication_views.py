"""The page that asks a signed-in person for a code, before a page that changes what protects the account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.sign_in import callers, reauthentication
from iran import waits
from sms.otp.form import OtpForm, code_page


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Opening it sends nothing: the button does."""
    if not reauthentication.is_needed(request):
        return redirect(request.session.pop(reauthentication.NEXT, "accounts:profile"))
    challenge = reauthentication.waiting(request)
    if challenge is None:
        service = callers.of(request.session.get(reauthentication.NEXT, ""))
        return render(request, "accounts/confirm_send.html", {"service": service})
    form = OtpForm(request.POST if request.method == "POST" else None, challenge=challenge)
    if form.is_valid():
        next_page = reauthentication.finish(request, challenge)
        return redirect(next_page or "accounts:confirm")
    page = render(request, "accounts/confirm_code.html", {"form": form, **code_page(challenge, request.session)})
    return waits.answered(form, page)


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """The first code, or the same one again."""
    challenge = reauthentication.waiting(request)
    if not reauthentication.is_needed(request):
        return redirect("accounts:profile")
    limit = reauthentication.ask(request) if challenge is None else reauthentication.resend(request, challenge)
    if limit:
        messages.warning(request, waits.explained(limit))
    elif challenge:
        messages.success(request, _("The code was sent again"))
    return redirect("accounts:confirm")
