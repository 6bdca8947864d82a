"""Signing in and out."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.sign_in import callers, device_code, devices, endings, sessions, staying
from accounts.sign_in.forms import SignInForm
from infra.limits import LimitReached
from iran import waits
from sms.otp import session as otp_session
from sms.otp.form import OtpForm, code_page

LONGEST_NEXT = 500  # of our own addresses none is longer; proxies refuse answers with long headers


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    client_ip = request.META["REMOTE_ADDR"]
    if request.method == "POST":
        next_page = _own_page(request, request.POST.get("next", ""))
        form = SignInForm(request.POST, client_ip=client_ip, token=devices.token_of(request))
        if form.is_valid() and form.account:
            entered = _enter(request, form.account, next_page)
            if not isinstance(entered, LimitReached):
                return entered
            form.add_error(None, waits.refusal(entered))
    else:
        if request.user.is_authenticated:
            return redirect(settings.LOGIN_REDIRECT_URL)
        next_page = _own_page(request, request.GET.get("next", ""))
        form = SignInForm(client_ip=client_ip)
    context = {"form": form, "next": next_page, "service": callers.of(next_page)}
    if context["service"]:
        context["register_url"] = _registration(next_page)
    return waits.answered(form, render(request, "accounts/sign_in.html", context))


def _registration(next_page: str) -> str:
    """For who has no account yet: the form, which leads on to the same page."""
    return reverse(f"registration:{settings.REGISTRATION_FLOWS[0]}-registration") + callers.query(next_page)


def _enter(request: HttpRequest, user: User, next_page: str) -> HttpResponse | LimitReached:
    """The password was right. Where the account does not know the browser, a code is asked first, if it may be sent.

    Staff come in by the desk's own sign-in alone, which asks the code of their app.
    """
    if user.is_staff:
        messages.info(request, _("Staff sign in at the branch desk. After that you come to your account."))
        query = urlencode({"next": next_page or resolve_url(settings.LOGIN_REDIRECT_URL)})
        return redirect(f"{reverse('admin:login')}?{query}")
    token, device, with_code = "", devices.find(devices.token_of(request), user.national_code), False
    if device:
        devices.seen(device)
    elif devices.has_confirmed(request.session, user):
        with transaction.atomic():
            device, token = devices.remember(user, request)
        with_code = True
    elif user.mobile:
        return device_code.begin(request, user, next_page) or redirect("accounts:login-code")
    else:  # who was staff, and has none
        messages.warning(
            request,
            _(
                "Your account has no mobile phone number, so no code can be sent. Please go to the nearest branch with "
                "your identity documents."
            ),
        )
        return redirect("accounts:login")
    next_page = callers.onward(user, next_page)
    sessions.begin(request, user, device, with_code=with_code)
    return _signed_in(next_page, token)


def _signed_in(next_page: str, token: str) -> HttpResponse:
    response = redirect(next_page or settings.LOGIN_REDIRECT_URL)
    if token:
        devices.set_cookie(response, token)
    return response


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The code that an unknown device asks for; only after the right password."""
    sign_in = device_code.waiting(request)
    if sign_in is None:
        return _sign_in_again(request)
    form = OtpForm(request.POST if request.method == "POST" else None, challenge=sign_in.challenge)
    if form.is_valid():
        next_page = callers.onward(sign_in.user, sign_in.next_page)
        token = device_code.finish(request, sign_in)
        return _signed_in(next_page, token) if token else _sign_in_again(request)
    context = {"form": form, "mobile": sign_in.user.mobile, **code_page(sign_in.challenge, request.session)}
    context["stay_url"] = "accounts:login-stay"
    context["service"] = callers.of(sign_in.next_page)
    return waits.answered(form, render(request, "accounts/sign_in_code.html", context))


def _sign_in_again(request: HttpRequest) -> HttpResponse:
    """Who waited for a code, and was overtaken by time or by a change of the account, is told so."""
    if device_code.KEPT in request.session:
        messages.warning(request, sessions.changed() if device_code.is_changed(request) else sessions.timed_out())
        del request.session[device_code.KEPT]
    return redirect("accounts:login")


@login_not_required
@require_POST
def sign_in_resend(request: HttpRequest) -> HttpResponse:
    sign_in = device_code.waiting(request)
    if sign_in is None:
        return _sign_in_again(request)
    if limit := device_code.resend(request, sign_in):
        messages.warning(request, waits.explained(limit))
    else:
        messages.success(request, _("The code was sent again"))
    return redirect("accounts:login-code")


@login_not_required
@require_POST
def sign_in_stay(request: HttpRequest) -> HttpResponse:
    """The answer to the warning before a sign-in that waits for its code ends."""
    sign_in = device_code.waiting(request)
    if sign_in is None:
        return _sign_in_again(request)
    otp_session.stay(sign_in.challenge)
    left = otp_session.seconds_left(sign_in.challenge, sign_in.challenge.began_at)
    return staying.answered(request, left, "accounts:login-code")


def _own_page(request: HttpRequest, url: str) -> str:
    """`url` if it is a page of this very host, else nothing: a sign-in must not lead to somebody else's page."""
    if len(url) > LONGEST_NEXT:
        return ""
    own = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if own else ""


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    endings.sign_out(request)
    messages.success(request, _("You have signed out."))
    response = redirect("registration:home")
    response.headers["Clear-Site-Data"] = sessions.CLEAR_SITE_DATA
    return response
