"""The warning before a session of the desk, or a sign-in that waits for the app's code, ends; and how one stays."""

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.sign_in import sessions, staying
from registration.desk import mobile_code, sign_in
from registration.desk.accounts import mobile as account_mobile
from sms.models import OtpChallenge
from sms.otp import session as otp_session

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite


def stay(site: "AdminSite", request: HttpRequest) -> HttpResponse:
    """POST: the clerk is still there. Codes that the session waits for are put off as well."""
    if request.method == "POST":
        sessions.stay(request)
        kept = mobile_code.kept_ids(request) | account_mobile.kept_ids(request)
        for challenge in OtpChallenge.objects.filter(pk__in=kept, purpose=OtpChallenge.Purpose.DESK):
            otp_session.stay(challenge)
    index = reverse("admin:index", current_app=site.name)
    return staying.answered(request, sessions.seconds_left(request), index)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def stay_for_code(request: HttpRequest) -> HttpResponse:
    """POST: whose password was right is still there, looking for the app's code."""
    if sign_in.waiting(request) is None:
        return sign_in.to_sign_in(request)
    if request.method == "POST":
        sign_in.put_off(request)
    code = reverse("admin:login-code", current_app=getattr(request, "current_app", None))
    return staying.answered(request, sign_in.seconds_left(request), code)
