"""What is done about a request beside deciding it: ask again, send the result again, withdraw, hand over."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from registration.desk import calls
from registration.desk.forms import WithdrawForm
from registration.desk.request_pages import NAME, RequestPages, typed_id
from registration.desk.who import who
from registration.lifecycle import asking, callers, decisions, handling, repeating, withdrawal
from registration.models import RegistrationRequest


def offered(request: RegistrationRequest, clerk: User) -> dict[str, Any]:
    """What the record offers to somebody who decides."""
    holder = handling.holder(request) if request.status in RegistrationRequest.OPEN else None
    mine = holder is not None and holder.who.pk == clerk.pk
    return {
        "caller_until": calls.until(event.at) if (event := callers.verified(request, clerk)) else None,
        "ask_again": asking.can_help(request),
        "send_again": repeating.may_repeat(request),
        "withdraw": request.status in withdrawal.SOURCES,
        "colleagues": handling.colleagues(clerk) if mine else [],
    }


class Errands(RequestPages):
    """A part of RequestAdmin."""

    def errand_urls(self) -> list[URLPattern]:
        wrap, why = self.admin_site.admin_view, self.asked_why
        form = require_http_methods(["GET", "POST"])
        return [
            path("<int:pk>/ask-again/", wrap(require_POST(why(self.ask_again))), name=f"{NAME}askagain"),
            path("<int:pk>/send-again/", wrap(require_POST(why(self.send_again))), name=f"{NAME}sendagain"),
            path("<int:pk>/hand-over/", wrap(require_POST(why(self.hand_over))), name=f"{NAME}handover"),
            path("<int:pk>/withdraw/", wrap(form(why(self.withdraw))), name=f"{NAME}withdraw"),
        ]

    def ask_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._get_to_decide(request, pk)
        try:
            asking.ask_again(pk, by=who(request), client_ip=request.META["REMOTE_ADDR"])
        except decisions.AlreadyDecided:
            return self._too_late(request, pk)
        except asking.CannotHelp:
            messages.warning(request, _("The registry is being asked, or was asked a moment ago. Look again later."))
        else:
            messages.success(request, _("The registry is asked again. The answer is here in some seconds."))
        return self._to_record(pk)

    def send_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._get_to_decide(request, pk)
        try:
            repeating.send_again(pk, by=who(request), client_ip=request.META["REMOTE_ADDR"])
        except repeating.NoResult:
            messages.warning(request, _("This request has no result yet that could be sent."))
        except repeating.TooOften:
            messages.warning(request, _("The result was sent three times in a day. Tell it to the citizen in person."))
        else:
            messages.success(request, _("The result is sent again."))
        return self._to_record(pk)

    def hand_over(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._get_to_decide(request, pk)
        to = typed_id(request.POST.get("to", "")) or 0
        try:
            handling.hand_over(pk, by=who(request), to=to, client_ip=request.META["REMOTE_ADDR"])
        except decisions.AlreadyDecided:
            return self._too_late(request, pk)
        except handling.TakenMeanwhile:
            return self._meanwhile(request, pk)
        except handling.NotAColleague:
            messages.error(request, _("Choose a colleague of your branch."))
        return self._to_record(pk)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._get_to_decide(request, pk)
        if row.status not in withdrawal.SOURCES:
            return self._too_late(request, pk)
        form = WithdrawForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                withdrawal.withdraw(pk, by=who(request), words=form.text(), client_ip=request.META["REMOTE_ADDR"])
            except decisions.AlreadyDecided:
                return self._too_late(request, pk)
            messages.success(request, _("The request is withdrawn; the citizen gets a text message."))
            return self._to_record(pk)
        return self._form_page(request, "withdraw", _("Withdraw the request"), row, form)
