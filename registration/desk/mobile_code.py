"""The page on which a clerk sends a code to a request's mobile and types in what the applicant reads out."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from infra.limits import LimitReached
from iran import waits
from registration.lifecycle import decisions, mobile
from registration.models import RegistrationRequest
from sms.models import OtpChallenge
from sms.otp import session as otp_session
from sms.otp.form import OtpForm, code_page

NAME = "registration_registrationrequest_code"
SESSION_KEY, KEPT = "desk_codes", 10  # of so many requests a session keeps which challenge is under way


class MobileCode:
    """A part of RequestAdmin."""

    if TYPE_CHECKING:
        admin_site: Any

        def asked_why(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]: ...
        def _get_to_decide(self, request: HttpRequest, pk: int) -> RegistrationRequest: ...
        def _to_record(self, request: HttpRequest, pk: int | str) -> HttpResponse: ...
        def _too_late(self, request: HttpRequest, pk: int) -> HttpResponse: ...
        def _form_page(
            self,
            request: HttpRequest,
            template: str,
            title: Any,
            row: RegistrationRequest,
            form: forms.Form,
            **more: Any,
        ) -> HttpResponse: ...

    def code_urls(self) -> list[URLPattern]:
        view = require_http_methods(["GET", "POST"])(self.asked_why(self.code))
        return [path("<int:pk>/code/", self.admin_site.admin_view(view), name=NAME)]

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
            return self._to_record(request, pk)
        form = OtpForm(request.POST if request.method == "POST" else None, challenge=challenge)
        if request.method == "POST" and form.is_valid():
            try:
                mobile.prove(pk, by=_who(request), client_ip=request.META["REMOTE_ADDR"], challenge=challenge)
            except decisions.AlreadyDecided:
                return self._too_late(request, pk)
            except mobile.NotConfirmed:  # a second click: the first one is told on the record
                return self._to_record(request, pk)
            messages.success(request, _("The mobile is in the applicant’s hands: the code was right."))
            return self._to_record(request, pk)
        title = _("Code to the mobile")
        page = self._form_page(request, "code", title, row, form, **code_page(challenge, request.session))
        return waits.answered(form, page)

    def _send(self, request: HttpRequest, row: RegistrationRequest, before: OtpChallenge | None) -> HttpResponse:
        def keep(challenge: OtpChallenge) -> None:
            _keep(request, row.pk, challenge)
            otp_session.keep_held(request.session, challenge)

        who, client_ip = _who(request), request.META["REMOTE_ADDR"]
        try:
            mobile.send_code(row.pk, by=who, client_ip=client_ip, before=before, keep=keep)
        except decisions.AlreadyDecided:
            return self._too_late(request, row.pk)
        except LimitReached as limit:
            messages.warning(request, waits.explained(limit))
            if before is None:
                return self._to_record(request, row.pk)
        else:
            if before:
                otp_session.sent(request.session)
        return HttpResponseRedirect(reverse(f"admin:{NAME}", args=[row.pk], current_app=self.admin_site.name))


def _kept(request: HttpRequest) -> dict[str, int]:
    kept: dict[str, int] = request.session.get(SESSION_KEY, {})
    return kept


def _keep(request: HttpRequest, pk: int, challenge: OtpChallenge) -> None:
    others = {name: value for name, value in _kept(request).items() if name != str(pk)}
    request.session[SESSION_KEY] = dict(list(others.items())[1 - KEPT :]) | {str(pk): challenge.pk}


def _who(request: HttpRequest) -> User:
    return cast(User, request.user)  # the site lets nobody else in
