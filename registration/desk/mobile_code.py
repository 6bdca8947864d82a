"""The page on which a clerk sends a code to a request's mobile and types in what the applicant reads out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from infra.limits import LimitReached
from iran import waits
from registration.desk.request_pages import NAME, RequestPages
from registration.desk.who import who
from registration.lifecycle import decisions, mobile
from registration.models import RegistrationRequest
from sms.models import OtpChallenge
from sms.otp import session as otp_session
from sms.otp.form import OtpForm, code_page

SESSION_KEY, KEPT = "desk_codes", 10  # of so many requests a session keeps which challenge is under way


class MobileCode(RequestPages):
    """A part of RequestAdmin."""

    def code_urls(self) -> list[URLPattern]:
        view = require_http_methods(["GET", "POST"])(self.asked_why(self.code))
        return [path("<int:pk>/code/", self.admin_site.admin_view(view), name=f"{NAME}code")]

    def code(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET: the page of the code. POST: `send` sends it, for the first time or again; `code` is what was told."""
        row = self._get_to_decide(request, pk)
        if row.status not in RegistrationRequest.OPEN:
            return self._too_late(request, pk)
        challenge = mobile.held(row, _kept(request).get(str(pk)))
        if request.method == "POST" and "code" not in request.POST:
            return self._send(request, row, challenge)
        if challenge is None:
            if request.method == "POST":
                messages.warning(request, _("This code is no longer accepted. Send a new one."))
            return self._to_record(pk)
        form = OtpForm(request.POST if request.method == "POST" else None, challenge=challenge)
        if request.method == "POST" and form.is_valid():
            try:
                mobile.prove(pk, by=who(request), client_ip=request.META["REMOTE_ADDR"], challenge=challenge)
            except decisions.AlreadyDecided:
                return self._too_late(request, pk)
            except mobile.NotConfirmed:  # a second click: the first one is told on the record
                return self._to_record(pk)
            messages.success(request, _("The mobile is in the applicant’s hands: the code was right."))
            return self._to_record(pk)
        title = _("Code to the mobile")
        page = self._form_page(request, "code", title, row, form, **code_page(challenge, request.session))
        return waits.answered(form, page)

    def _send(self, request: HttpRequest, row: RegistrationRequest, before: OtpChallenge | None) -> HttpResponse:
        def keep(challenge: OtpChallenge) -> None:
            _keep(request, row.pk, challenge)
            otp_session.keep_held(request.session, challenge)

        clerk, client_ip = who(request), request.META["REMOTE_ADDR"]
        try:
            mobile.send_code(row.pk, by=clerk, client_ip=client_ip, before=before, keep=keep)
        except decisions.AlreadyDecided:
            return self._too_late(request, row.pk)
        except LimitReached as limit:
            messages.warning(request, waits.explained(limit))
            if before is None:
                return self._to_record(row.pk)
        else:
            if before:
                otp_session.sent(request.session)
        return self._to("code", row.pk)


def kept_ids(request: HttpRequest) -> set[int]:
    """Of the challenges that this session waits for."""
    return set(_kept(request).values())


def _kept(request: HttpRequest) -> dict[str, int]:
    kept: dict[str, int] = request.session.get(SESSION_KEY, {})
    return kept


def _keep(request: HttpRequest, pk: int, challenge: OtpChallenge) -> None:
    others = {name: value for name, value in _kept(request).items() if name != str(pk)}
    request.session[SESSION_KEY] = dict(list(others.items())[1 - KEPT :]) | {str(pk): challenge.pk}
