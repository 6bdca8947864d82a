"""Sign-in, sign-out, the profile and the change of its password."""

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import passwords, sessions
from accounts.forms import PasswordChangeForm, SignInForm
from accounts.models import User
from accounts.password import change_password

LONGEST_NEXT = 500  # of our own addresses none is longer; proxies refuse answers with long headers


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    address = request.META["REMOTE_ADDR"]
    if request.method == "POST":
        next_page = _own_page(request, request.POST.get("next", ""))
        form = SignInForm(request.POST, address=address)
        if form.is_valid() and form.account:
            sessions.begin(request, form.account)
            return redirect(next_page or settings.LOGIN_REDIRECT_URL)
    else:
        if request.user.is_authenticated:
            return redirect(settings.LOGIN_REDIRECT_URL)
        next_page = _own_page(request, request.GET.get("next", ""))
        form = SignInForm(address=address)
    return render(request, "accounts/sign_in.html", {"form": form, "next": next_page})


def _own_page(request: HttpRequest, url: str) -> str:
    """`url` if it is a page of this very host, else nothing: a sign-in must not lead to somebody else's page."""
    own = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if own and len(url) <= LONGEST_NEXT else ""


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You have signed out."))
    response = redirect("registration:home")
    # Not "cookies": the session's is void already, and the chosen language is one.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_safe
def profile(request: HttpRequest) -> HttpResponse:
    last_sign_in = sessions.previous_sign_in(request)
    return render(request, "accounts/profile.html", {"last_sign_in": last_sign_in})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)  # the middleware lets nobody else through
    answers = request.POST if request.method == "POST" else None
    form = PasswordChangeForm(answers, user=user, address=request.META["REMOTE_ADDR"])
    if form.is_valid() and form.proven:
        if change_password(request, form.proven, form.cleaned_data["password1"]):
            messages.success(request, _("Your password has been changed. Other devices have been signed out."))
            return redirect("accounts:profile")
        form.add_error("current_password", _("The password has just been changed elsewhere; sign in again"))
    return render(request, "accounts/password_change.html", {"form": form, "password_rules": passwords.RULES})
