"""The two pages by which an account gets another mobile: reason, documents and number; then the code from its SIM."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.errands import codes
from accounts.errands.errand import ChangedMeanwhile, Errand, NotPossible
from accounts.models import User
from infra.limits import LimitReached
from iran import waits
from registration.desk.accounts.acts import IN_PERSON, SERVE, may
from registration.desk.accounts.forms import NewMobileForm
from registration.desk.record import Text
from registration.desk.who import who
from sms.models import OtpChallenge
from sms.otp import session as otp_session
from sms.otp.form import OtpForm, code_page

NAME = "accounts_user_mobile"
TITLE = _("Change the mobile")
KEPT = "desk_mobile"  # in the clerk's session: account, challenge, security_version, mobile, words


class MobilePages:
    """A part of AccountAdmin."""

    if TYPE_CHECKING:
        admin_site: Any

        def account(self, request: HttpRequest, pk: int, permission: str) -> User: ...
        def not_possible(self, request: HttpRequest, pk: int) -> HttpResponse: ...
        def changed(self, request: HttpRequest, pk: int) -> HttpResponse: ...
        def to_record(self, pk: int | str) -> HttpResponse: ...
        def form_page(
            self, request: HttpRequest, template: str, title: Text, user: User, form: Any, **more: Any
        ) -> HttpResponse: ...

    def mobile_urls(self) -> list[URLPattern]:
        wrap, both = self.admin_site.admin_view, require_http_methods(["GET", "POST"])
        return [
            path("<int:pk>/mobile/", wrap(both(self.mobile)), name=NAME),
            path("<int:pk>/mobile/code/", wrap(both(self.mobile_code)), name=f"{NAME}code"),
        ]

    def mobile(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.account(request, pk, SERVE)
        if not may(who(request), SERVE, codes.MOBILE_STATES, user):
            return self.not_possible(request, pk)
        form = NewMobileForm(user, IN_PERSON, request.POST if request.method == "POST" else None, documents=True)
        if form.is_valid():
            mobile, words, version = form.cleaned_data["mobile"], form.words(), form.cleaned_data["version"]
            errand = Errand(who(request), request.META["REMOTE_ADDR"], words, version)
            before = kept[1] if (kept := _kept(request, user)) and kept[1].mobile == mobile else None
            try:
                challenge = codes.send_to_new_mobile(pk, errand, mobile, before)
            except LimitReached as limit:
                form.add_error(None, waits.refusal(limit))
            except NotPossible:
                return self.not_possible(request, pk)
            except ChangedMeanwhile:
                return self.changed(request, pk)
            else:
                request.session[KEPT] = [pk, challenge.pk, version, mobile, words]
                otp_session.keep_held(request.session, challenge)
                return self._to_code(pk)
        return waits.answered(form, self.form_page(request, "mobile", TITLE, user, form))

    def mobile_code(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The code of the new SIM. Posting `send` sends it once more."""
        user = self.account(request, pk, SERVE)
        kept = _kept(request, user)
        if kept is None:
            messages.warning(request, _("No code is under way, or the account was changed meanwhile. Begin again."))
            return self.to_record(pk)
        errand, challenge = kept
        if request.method == "POST" and "send" in request.POST:
            return self._send_again(request, pk, errand, challenge)
        form = OtpForm(request.POST if request.method == "POST" else None, challenge=challenge)
        if form.is_valid():
            try:
                codes.change_mobile(pk, errand, challenge)
            except NotPossible:
                return self.not_possible(request, pk)
            except ChangedMeanwhile:
                return self.changed(request, pk)
            del request.session[KEPT]
            told = _("The mobile is changed; the old and the new number get a text message")
            messages.success(request, told)
            return self.to_record(pk)
        context = {"mobile": challenge.mobile, **code_page(challenge, request.session)}
        page = self.form_page(request, "code", _("Code to the new mobile"), user, form, **context)
        return waits.answered(form, page)

    def _send_again(self, request: HttpRequest, pk: int, errand: Errand, challenge: OtpChallenge) -> HttpResponse:
        def keep(current: OtpChallenge) -> None:
            request.session[KEPT] = [pk, current.pk, errand.version, current.mobile, errand.words]

        try:
            codes.send_again(pk, errand, challenge, keep)
        except LimitReached as limit:
            messages.warning(request, waits.explained(limit))
        except NotPossible:
            return self.not_possible(request, pk)
        except ChangedMeanwhile:
            return self.changed(request, pk)
        else:
            otp_session.sent(request.session)
            messages.success(request, _("The code was sent again"))
        return self._to_code(pk)

    def _to_code(self, pk: int) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:{NAME}code", args=[pk], current_app=self.admin_site.name))


def _kept(request: HttpRequest, user: User) -> tuple[Errand, OtpChallenge] | None:
    """What this session has under way for the account, if its protection is as it was then."""
    match request.session.get(KEPT):
        case [user.pk, int(challenge_id), user.security_version, str(mobile), str(words)]:
            challenge = codes.held(user, OtpChallenge.Purpose.DESK, mobile, challenge_id)
            errand = Errand(who(request), request.META["REMOTE_ADDR"], words, user.security_version)
            return (errand, challenge) if challenge else None
    return None
