"""The tracking page: national code and tracking code in, the state of the request in the citizen's words out."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from infra import security_log, throttle
from infra.limits import client_ip_key
from iran import waits
from iran.fields import NationalCodeField, NumberField
from registration.lifecycle import looks
from registration.lifecycle.tracking_code import LENGTH, is_well_formed
from registration.models import RegistrationRequest
from registration.pages import opened
from registration.pages.state import state

Status = RegistrationRequest.Status

NOT_FOUND = _("No request was found with this national code and tracking code")


class TrackForm(forms.Form):
    use_required_attribute = False

    national_code = NationalCodeField(autocomplete="off")
    tracking_code = NumberField(
        label=_("Tracking code"),
        help_text=_("12 digits, from the closing page of the registration"),
        min_digits=LENGTH,
        max_digits=LENGTH,
        error_messages={
            "required": _("Enter the tracking code"),
            "digits": _("The tracking code must contain digits only"),
            "length": _("The tracking code must be 12 digits"),
        },
    )

    def clean_tracking_code(self) -> str:
        code: str = self.cleaned_data["tracking_code"]
        if not is_well_formed(code):
            raise forms.ValidationError(_("The tracking code is not right; compare its digits once more"))
        return code


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Asked by POST, so that neither code stands in an address, a log or a browser's history."""
    if request.method != "POST":
        return render(request, "registration/track.html", {"form": TrackForm(label_suffix="")})
    form = TrackForm(request.POST, label_suffix="")
    return _page(request, form, _find(form, request) if form.is_valid() else None)


@login_not_required
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Both codes once more, from the page that shows the state: a code to the request's mobile opens the request."""
    form = TrackForm(request.POST, label_suffix="")
    found = _find(form, request) if form.is_valid() else None
    if found is None or not opened.is_offered(found):
        return _page(request, form, found)
    if limit := opened.begin(request, found):
        form.add_error(None, waits.refusal(limit))
        return waits.answered(form, _page(request, form, found))
    return redirect("registration:track-code")


def _page(request: HttpRequest, form: TrackForm, found: RegistrationRequest | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "found": found}
    if found:
        context |= {**state(found), "offered": opened.is_offered(found), "can_look": looks.offered(found)}
    return render(request, "registration/track.html", context)


def _find(form: TrackForm, request: HttpRequest) -> RegistrationRequest | None:
    """The request of both codes; one answer for everything that is not found.

    A wrong pair counts for the address and for the national code. A right one passes the latter, or five wrong ones of
    a stranger would keep the owner out for an hour; and it gives its place back, however often its owner looks.
    """
    code = form.cleaned_data["national_code"]
    security_log.concerns(code)
    client_ip = client_ip_key(str(request.META["REMOTE_ADDR"]))
    submitted = RegistrationRequest.objects.exclude(status=Status.DRAFT)
    found = submitted.filter(national_code=code, tracking_code=form.cleaned_data["tracking_code"]).first()
    limits = [throttle.Limit("tracking-ip", client_ip, settings.LIMIT_TRACKING_PER_IP)]
    if found is None:
        limits.append(throttle.Limit("tracking", code, settings.LIMIT_TRACKING_PER_NATIONAL_CODE))
    event = throttle.hit_all(*limits)
    security_log.tell("tracking", outcome="found" if found else "not-found")
    if found is None:
        form.add_error(None, NOT_FOUND)
    else:
        throttle.refund_all(event, *limits)
    return found
