"""The two pages by which an account gets another mobile: reason, documents and number; then the code from its SIM."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _

from accounts.errands import codes
from accounts.errands.errand import Errand
from accounts.models import User
from infra.limits import LimitReached
from iran import waits
from registration.desk.accounts.acts import IN_PERSON, MOBILE, SERVE
from registration.desk.accounts.forms import NewMobileForm
from registration.desk.accounts.pages import AccountPages, errand_of
from registration.desk.who import who
from sms.models import OtpChallenge
from sms.otp import session as otp_session
from sms.otp.form import OtpForm, code_page

KEPT = "desk_mobile"  # in the clerk's session: account, challenge, security_version, mobile, words


class MobilePages(AccountPages):
    """A part of AccountAdmin."""

    def mobile_urls(self) -> list[URLPattern]:
        return [
            self.errand_url("mobile", self.mobile, "mobile"),
            self.errand_url("mobile/code", self.mobile_code, "mobilecode"),
        ]

    def mobile(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.account(request, pk, SERVE, codes.MOBILE_STATES)
        form = NewMobileForm(user, IN_PERSON, request.POST if request.method == "POST" else None, documents=True)
        if form.is_valid():
            mobile, errand = form.cleaned_data["mobile"], errand_of(request, form)
            before = kept[1] if (kept := _kept(request, user)) and kept[1].mobile == mobile else None
            try:
                challenge = codes.send_to_new_mobile(pk, errand, mobile, before)
            except LimitReached as limit:
                form.add_error(None, waits.refusal(limit))
            else:
                _keep(request, pk, errand, challenge)
                otp_session.keep_held(request.session, challenge)
                return self.to("mobilecode", pk)
        return waits.answered(form, self.form_page(request, "mobile", MOBILE, user, form))

    def mobile_code(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The code of the new SIM. Posting `send` sends it once more."""
        user = self.looked_at(request, pk, SERVE)
        kept = _kept(request, user)
        if kept is None:
            messages.warning(request, _("No code is under way, or the account was changed meanwhile. Begin again."))
            return self.to_record(pk)
        errand, challenge = kept
        if request.method == "POST" and "send" in request.POST:
            return self._send_again(request, pk, errand, challenge)
        form = OtpForm(request.POST if request.method == "POST" else None, challenge=challenge)
        if form.is_valid():
            codes.change_mobile(pk, errand, challenge)
            del request.session[KEPT]
            told = _("The mobile is changed; the old and the new number get a text message")
            messages.success(request, told)
            return self.to_record(pk)
        context = {"mobile": challenge.mobile, **code_page(challenge, request.session)}
        page = self.form_page(request, "code", _("Code to the new mobile"), user, form, **context)
        return waits.answered(form, page)

    def _send_again(self, request: HttpRequest, pk: int, errand: Errand, challenge: OtpChallenge) -> HttpResponse:
        try:
            codes.send_again(pk, errand, challenge, lambda current: _keep(request, pk, errand, current))
        except LimitReached as limit:
            messages.warning(request, waits.explained(limit))
        else:
            otp_session.sent(request.session)
            messages.success(request, _("The code was sent again"))
        return self.to("mobilecode", pk)


def _keep(request: HttpRequest, pk: int, errand: Errand, challenge: OtpChallenge) -> None:
    request.session[KEPT] = [pk, challenge.pk, errand.version, challenge.mobile, errand.words]


def kept_ids(request: HttpRequest) -> set[int]:
    """Of the challenge that this session waits for."""
    return {kept[1]} if (kept := request.session.get(KEPT)) else set()


def _kept(request: HttpRequest, user: User) -> tuple[Errand, OtpChallenge] | None:
    """What this session has under way for the account, if its protection is as it was then."""
    match request.session.get(KEPT):
        case [user.pk, int(challenge_id), user.security_version, str(mobile), str(words)]:
            challenge = codes.held(user, OtpChallenge.Purpose.DESK, mobile, challenge_id)
            errand = Errand(who(request), request.META["REMOTE_ADDR"], words, user.security_version)
            return (errand, challenge) if challenge else None
    return None
