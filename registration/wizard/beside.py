"""The addresses beside the form: sending the code again, the closing page."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.sign_in import devices
from iran import waits
from iran.numbers import mask_mobile
from registration.lifecycle import submission
from registration.pages.nearest_branches import branches_of
from registration.wizard import coming, endings
from registration.wizard import session as wizard_session


@login_not_required
@require_POST
def resend(request: HttpRequest, flow: str, *, by_voice: bool = False) -> HttpResponse:
    """Send the activation code again, as a text or, where texts do not arrive, by a telephone call."""
    draft = wizard_session.open_draft(request.session, flow)
    if draft is None:
        messages.warning(request, str(endings.end(request.session, flow)))
    elif draft.challenge.confirmed_at is None:
        limit = submission.resend_code(draft, str(request.META["REMOTE_ADDR"]), by_voice=by_voice)
        devices.keep_challenge(request.session, draft.challenge)
        if limit:
            messages.warning(request, waits.explained(limit))
        else:
            messages.success(
                request, _("You will be called and told the code") if by_voice else _("The code was sent again")
            )
    return redirect(f"registration:{flow}-registration")


@login_not_required
@require_safe
def received(request: HttpRequest, flow: str) -> HttpResponse:
    """The closing message with the tracking code; for the browser that submitted the request."""
    wizard_session.adopt_submitted(request.session, flow)  # by a click whose answer was lost with its session
    submitted = wizard_session.received(request.session, flow)
    if submitted is None:
        return redirect(f"registration:{flow}-registration")
    caller = coming.caller(request, submitted)
    context = {
        "flow": flow,
        "submitted": submitted,
        "caller": caller,
        "sign_in_url": coming.sign_in(request, submitted, caller),
        "mobile": mask_mobile(submitted.mobile),
        "branches": branches_of(submitted.city),
        "decision_hours": settings.DECISION_HOURS,
    }
    return render(request, "registration/received.html", context)
