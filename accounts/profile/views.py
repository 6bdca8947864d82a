"""The pages of a signed-in person: what is on record, what may be changed, the devices, the person's own data."""

from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Device, User
from accounts.notices import can_send_email
from accounts.passwords import rules as password_rules
from accounts.passwords.hasher import LaneFull
from accounts.profile import changes, connected, export, history
from accounts.profile.forms import ConfirmedForm, EmailForm, MobileForm, PasswordChangeForm, QuestionsForm
from accounts.protection import ChangedElsewhere
from accounts.questions.form import QUESTIONS
from accounts.sign_in import own_sessions, reauthentication, sessions, staying
from accounts.sign_in.reauthentication import code_is_asked
from infra.limits import LimitReached
from iran import waits
from sms.otp import session as otp_session
from sms.otp.form import OtpForm, code_page

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)  # the middleware lets nobody else through


def _who(request: HttpRequest) -> dict[str, Any]:
    """What a form that asks the current password must know."""
    return {"user": _user(request), "session": sessions.counted_as(request.session)}


def _answers(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _form_page(
    request: HttpRequest, template: str, form: BaseForm, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    return waits.answered(form, render(request, template, {"form": form, **(context or {})}))


@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    context = {
        "last_sign_in": sessions.previous_sign_in(request),
        "devices": Device.objects.filter(user=user).order_by("-seen_at"),
        "this_device": request.session.get(sessions.DEVICE),
        "requests": history.of(user),
        "connected": connected.of(user),
        "question_count": sum(bool(pk) for pk in (user.question_1_id, user.question_2_id, user.question_3_id)),
        "sessions": own_sessions.of(request, user),
        "may_change_email": can_send_email(),
    }
    return render(request, "accounts/profile.html", context)


@sensitive_post_parameters()
@get_or_post
@code_is_asked
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordChangeForm(_answers(request), **_who(request))
    if form.is_valid() and form.proven:
        try:
            changes.set_password(request, form.proven, form.cleaned_data["password1"])
        except LaneFull as full:
            form.add_error(None, full)
        except ChangedElsewhere:
            return _changed_elsewhere(request)
        else:
            messages.success(request, _("Your password has been changed. Other devices have been signed out."))
            return redirect("accounts:profile")
    return _form_page(request, "accounts/password_change.html", form, {"password_rules": password_rules.RULES})


@sensitive_post_parameters()
@get_or_post
@code_is_asked
def questions(request: HttpRequest) -> HttpResponse:
    form = QuestionsForm(_answers(request), **_who(request))
    if form.is_valid() and form.proven:
        chosen, answers = (
            [form.cleaned_data[f"{name}_{number}"] for number in range(1, QUESTIONS + 1)]
            for name in ("question", "answer")
        )
        try:
            changes.set_questions(request, form.proven, chosen, answers)
        except LaneFull as full:
            form.add_error(None, full)
        except ChangedElsewhere:
            return _changed_elsewhere(request)
        else:
            messages.success(request, _("Your security questions have been changed."))
            return redirect("accounts:profile")
    return _form_page(request, "accounts/questions.html", form)


def _changed_elsewhere(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("The account was changed elsewhere meanwhile. Please begin again."))
    return redirect("accounts:profile")


@sensitive_post_parameters()
@get_or_post
@code_is_asked
def mobile(request: HttpRequest) -> HttpResponse:
    form = MobileForm(_answers(request), **_who(request))
    if form.is_valid():
        wanted, client_ip = form.cleaned_data["mobile"], request.META["REMOTE_ADDR"]
        limit = changes.ask_mobile(request.session, _user(request), wanted, client_ip)
        if limit is None:
            return redirect("accounts:mobile-code")
        form.add_error(None, waits.refusal(limit))
    return _form_page(request, "accounts/mobile.html", form)


@get_or_post
def mobile_code(request: HttpRequest) -> HttpResponse:
    challenge = changes.new_mobile(request.session, _user(request))
    if challenge is None:
        return _mobile_again(request)
    form = OtpForm(_answers(request), challenge=challenge)
    if form.is_valid():
        try:
            changes.set_mobile(request, _user(request), challenge)
        except ChangedElsewhere:
            return _changed_elsewhere(request)
        messages.success(request, _("Your mobile phone number has been changed."))
        return redirect("accounts:profile")
    context = {"mobile": challenge.mobile, **code_page(challenge, request.session)}
    return _form_page(request, "accounts/mobile_code.html", form, context)


def _mobile_again(request: HttpRequest) -> HttpResponse:
    """Who waited for a code, and was overtaken by time or by a change of the account, is told so."""
    if request.session.pop(changes.NEW_MOBILE, None):
        messages.warning(request, _("Your time has run out. Please begin again."))
    return redirect("accounts:mobile")


@require_POST
def mobile_resend(request: HttpRequest) -> HttpResponse:
    challenge = changes.new_mobile(request.session, _user(request))
    if challenge is None:
        return _mobile_again(request)
    if limit := changes.resend_code(request.session, _user(request), challenge, request.META["REMOTE_ADDR"]):
        messages.warning(request, waits.explained(limit))
    else:
        messages.success(request, _("The code was sent again"))
    return redirect("accounts:mobile-code")


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """The answer to the warning before the session ends; what waits for a code in it is put off as well."""
    sessions.stay(request)
    for challenge in (changes.new_mobile(request.session, _user(request)), reauthentication.waiting(request)):
        if challenge:
            otp_session.stay(challenge)
    return staying.answered(request, sessions.seconds_left(request), settings.LOGIN_REDIRECT_URL)


@sensitive_post_parameters()
@get_or_post
@code_is_asked
def email(request: HttpRequest) -> HttpResponse:
    form = EmailForm(_answers(request), **_who(request))
    if form.is_valid() and form.proven:
        request.session.cycle_key()
        try:
            is_sent = changes.ask_email(form.proven, form.cleaned_data["email"], request.build_absolute_uri)
        except LimitReached as limit:
            form.add_error(None, waits.refusal(limit))
        else:
            if is_sent:
                messages.success(
                    request,
                    _("Open the link in the message that was sent to the new address. It is valid for one day."),
                )
                return redirect("accounts:profile")
            form.add_error(None, _("The message could not be sent just now; try again later"))
    return _form_page(request, "accounts/email.html", form)


@get_or_post
def email_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing: programs that check mail open links as well. The button does."""
    if request.method != "POST":
        return render(request, "accounts/email_confirm.html")
    if changes.set_email(request, _user(request), token):
        messages.success(request, _("Your e-mail has been changed."))
    else:
        messages.warning(request, _("This link is not valid any more. Ask for another one."))
    return redirect("accounts:profile")


@sensitive_post_parameters()
@get_or_post
@code_is_asked
def sign_out_device(request: HttpRequest, pk: int) -> HttpResponse:
    """The device is forgotten. This session goes on, if it is not of that device; all others end."""
    device = get_object_or_404(Device, pk=pk, user=_user(request))
    form = ConfirmedForm(_answers(request), **_who(request))
    if form.is_valid() and form.proven:
        try:
            changes.sign_out_device(request, form.proven, device)
        except ChangedElsewhere:
            return _changed_elsewhere(request)
        if request.session.get(sessions.DEVICE) == pk:
            logout(request)
            messages.success(request, _("You have signed out."))
            return redirect("accounts:login")
        messages.success(request, _("The device was signed out."))
        return redirect("accounts:profile")
    return _form_page(request, "accounts/device_sign_out.html", form, {"device": device})


@sensitive_post_parameters()
@get_or_post
def end_sessions(request: HttpRequest, pk: str | None = None) -> HttpResponse:
    """End one other session, or all others. The password is enough: the phone that gets codes may be what was lost."""
    form = ConfirmedForm(_answers(request), **_who(request))
    if form.is_valid():
        own_sessions.end(request, _user(request), pk)
        request.session.cycle_key()
        messages.success(request, _("It is signed out.") if pk else _("All other browsers are signed out."))
        return redirect("accounts:profile")
    ended = [
        own.row for own in own_sessions.of(request, _user(request)) if not own.is_this and pk in (None, own.row.pk)
    ]
    return _form_page(request, "accounts/end_sessions.html", form, {"ended": ended})


@sensitive_post_parameters()
@get_or_post
@code_is_asked
def data(request: HttpRequest) -> HttpResponse:
    """Everything that is kept about the person, as a file. Asked by POST, so that no link can start it."""
    form = ConfirmedForm(_answers(request), **_who(request))
    if not form.is_valid():
        return _form_page(request, "accounts/data.html", form)
    request.session.cycle_key()
    response = JsonResponse(export.of(_user(request)), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response
