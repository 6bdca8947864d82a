"""The two pages by which a clerk verifies who calls about an account: what for, then the code that the caller tells."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern

from accounts.errands import callers
from accounts.errands.errand import Errand
from accounts.models import User
from infra.limits import LimitReached
from iran import waits
from registration.desk import calls
from registration.desk.accounts.acts import SERVE
from registration.desk.accounts.forms import ErrandForm
from registration.desk.accounts.pages import AccountPages, errand_of
from registration.desk.who import who
from sms.otp import session as otp_session
from sms.otp.form import code_page

ABOUT = "account"


class CallerPages(AccountPages):
    """A part of AccountAdmin."""

    def caller_urls(self) -> list[URLPattern]:
        return [
            self.errand_url("caller", self.caller, "caller"),
            self.errand_url("caller/code", self.caller_code, "callercode"),
        ]

    def caller(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.account(request, pk, SERVE, callers.STATES)
        form = ErrandForm(user, calls.REASONS, request.POST if request.method == "POST" else None)
        if form.is_valid():
            errand, kept = errand_of(request, form), calls.kept(request, ABOUT, pk)
            try:
                challenge = callers.send_code(pk, errand, callers.present(user, kept.challenge if kept else None))
            except LimitReached as limit:
                form.add_error(None, waits.refusal(limit))
            else:
                calls.keep(request, calls.Kept(ABOUT, pk, challenge.pk, errand.version, errand.words))
                otp_session.keep_held(request.session, challenge)
                return self.to("callercode", pk)
        return waits.answered(form, self.form_page(request, "caller", calls.TITLE, user, form))

    def caller_code(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.looked_at(request, pk, SERVE)
        call = calls.kept(request, ABOUT, pk)
        challenge = callers.present(user, call.challenge) if call and call.version == user.security_version else None
        if call is None or challenge is None:
            messages.warning(request, calls.OVER)
            return self.to_record(pk)
        errand = Errand(who(request), request.META["REMOTE_ADDR"], call.words, call.version)
        verbs = calls.Verbs(
            lambda challenge, keep: callers.send_again(pk, errand, challenge, keep),
            lambda challenge: callers.verify(pk, errand, challenge),
            lambda challenge: callers.fail(pk, errand, challenge),
        )
        context = {"mobile": challenge.mobile, **code_page(challenge, request.session)}
        ways = calls.Ways(
            lambda: self.to_record(pk),
            lambda: self.to("callercode", pk),
            lambda form: self.form_page(request, "caller_code", calls.CODE_TITLE, user, form, **context),
        )
        return calls.answer(request, call, challenge, verbs, ways)


def verified(user: User, clerk: User) -> dict[str, object]:
    """For the record: until when who calls counts as verified, for this clerk."""
    event = callers.verified(user, clerk)
    return {"caller_until": calls.until(event.at)} if event else {}
