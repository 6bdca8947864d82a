"""The two pages by which a clerk verifies who calls about a request: what for, then the code that the caller tells."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from infra.limits import LimitReached
from iran import waits
from registration.desk import calls
from registration.desk.forms import WhyForm
from registration.desk.request_pages import NAME, RequestPages
from registration.desk.who import who
from registration.lifecycle import callers
from sms.otp import session as otp_session
from sms.otp.form import code_page

ABOUT = "request"


class CallForm(WhyForm):
    """What somebody calls about."""

    REASONS = calls.REASONS


class Caller(RequestPages):
    """A part of RequestAdmin."""

    def caller_urls(self) -> list[URLPattern]:
        def page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(require_http_methods(["GET", "POST"])(self.asked_why(self._over(view))))

        return [
            path("<int:pk>/caller/", page(self.caller), name=f"{NAME}caller"),
            path("<int:pk>/caller/code/", page(self.caller_code), name=f"{NAME}callercode"),
        ]

    def _over(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def page(request: HttpRequest, pk: int) -> HttpResponse:
            try:
                return view(request, pk)
            except callers.NoCall:
                messages.warning(request, calls.OVER)
                return self._to_record(pk)

        return page

    def caller(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._get_to_decide(request, pk)
        form = CallForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            kept, words = calls.kept(request, ABOUT, pk), form.text()
            before = callers.present(row, kept.challenge if kept else None)
            about = {"client_ip": request.META["REMOTE_ADDR"], "words": words}
            try:
                challenge = callers.send_code(pk, by=who(request), before=before, **about)
            except LimitReached as limit:
                form.add_error(None, waits.refusal(limit))
            else:
                calls.keep(request, calls.Kept(ABOUT, pk, challenge.pk, 0, words))
                otp_session.keep_held(request.session, challenge)
                return self._to("callercode", pk)
        return waits.answered(form, self._form_page(request, "caller", calls.TITLE, row, form))

    def caller_code(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._get_to_decide(request, pk)
        call = calls.kept(request, ABOUT, pk)
        challenge = callers.present(row, call.challenge) if call else None
        if call is None or challenge is None:
            raise callers.NoCall
        verbs = _verbs(pk, by=who(request), client_ip=request.META["REMOTE_ADDR"], words=call.words)
        context = {"mobile": challenge.mobile, **code_page(challenge, request.session)}
        ways = calls.Ways(
            lambda: self._to_record(pk),
            lambda: self._to("callercode", pk),
            lambda form: self._form_page(request, "caller_code", calls.CODE_TITLE, row, form, **context),
        )
        return calls.answer(request, call, challenge, verbs, ways)


def _verbs(pk: int, **about: Any) -> calls.Verbs:
    return calls.Verbs(
        lambda challenge, keep: callers.send_again(pk, challenge=challenge, keep=keep, **about),
        lambda challenge: callers.verify(pk, challenge=challenge, **about),
        lambda challenge: callers.fail(pk, challenge=challenge, **about),
    )
