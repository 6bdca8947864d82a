"""How staff come to the desk: the password first, then the code of their authenticator app, only then a session.

Between the two the browser's session holds who waits for the code, nothing else. With STAFF_SECOND_FACTOR=off, which
the deploy check refuses, the password is enough.
"""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, RedirectURLMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from accounts.models import User
from accounts.sign_in import recovery_codes, sessions, totp
from iran.fields import ShortField
from iran.numbers import NATIONAL_CODE_MESSAGES, clean_number
from iran.typed import is_too_long
from iran.waits import prose_digits

KEPT = "desk_sign_in"
WAITS = 10 * 60  # seconds from the password to the code
LONGEST = 60 * 60  # likewise, for who says to be still there
WRONG_LENGTH = _("The app’s code has 6 digits, a recovery code 10")


def is_asked() -> bool:
    return bool(settings.STAFF_SECOND_FACTOR == "required")


class DeskSignInForm(AdminAuthenticationForm):
    """The national code in any digits and with anything between them; one message for whatever is wrong."""

    error_messages = {
        "invalid_login": _("The national code or the password is not right"),
        "inactive": _("The national code or the password is not right"),
        "no_factor": _(
            "This account has no authenticator app yet. Enrol with the code that your supervisor or the portal’s "
            "operator gives you."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        username = self.fields["username"]
        username.widget.attrs.pop("maxlength", None)  # it would cut off a pasted code with spaces or marks
        username.widget.attrs |= {"inputmode": "numeric", "dir": "ltr", "spellcheck": "false"}
        username.error_messages["required"] = _("Enter your national code")
        self.fields["password"].widget.attrs["dir"] = "ltr"
        self.fields["password"].error_messages["required"] = _("Enter your password")

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if is_too_long(username):
            raise forms.ValidationError(NATIONAL_CODE_MESSAGES["length"], code="length")
        return clean_number(username)

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Asked when the password is right, so that nobody else learns who has no factor."""
        account = _account(user)
        super().confirm_login_allowed(account)
        if is_asked() and not totp.is_given(account):
            raise forms.ValidationError(self.error_messages["no_factor"], code="no_factor")


class DeskSignIn(LoginView):
    """Begins the session as every sign-in of the portal does: a new one, with its times."""

    authentication_form = DeskSignInForm
    template_name = "admin/login.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = _account(form.get_user())
        if is_asked():
            wait(self.request, user)
            return to_code(self.request, self.get_redirect_url())
        sessions.begin(self.request, user)
        return HttpResponseRedirect(self.get_success_url())


class TotpForm(forms.Form):
    """What the app shows, in any digits, or a recovery code."""

    code = ShortField(
        label=_("Code from the app"),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "dir": "ltr",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
        help_text=_(
            "Your password was right. Open the app on your phone and type the 6 digits that it shows for the desk. "
            "Without the phone: one of your recovery codes."
        ),
        error_messages={
            "required": _("Enter the code that the app shows"),
            "max_length": WRONG_LENGTH,
        },
    )

    def clean_code(self) -> str:
        code = clean_number(self.cleaned_data["code"])
        if not re.fullmatch("[0-9]*", code):
            raise forms.ValidationError(_("The code must contain digits only"), code="digits")
        if len(code) not in {totp.DIGITS, recovery_codes.DIGITS}:
            raise forms.ValidationError(WRONG_LENGTH, code="length")
        return code


if TYPE_CHECKING:
    _CodeView = FormView[TotpForm]
else:
    _CodeView = FormView  # not generic at run time


@method_decorator(sensitive_post_parameters("code"), name="dispatch")
class DeskCode(RedirectURLMixin, _CodeView):
    """The second factor of the one who waits in this browser; whoever does not is sent to the sign-in."""

    form_class = TotpForm
    template_name = "admin/second_factor.html"
    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        user = waiting(request)
        if user is None:
            return _to(request, "admin:login", self.get_redirect_url())
        self.user = user
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: TotpForm) -> HttpResponse:
        factor = totp.use(self.user, form.cleaned_data["code"], self.request.META["REMOTE_ADDR"])
        if factor is None:
            form.add_error("code", _("The code is not right, or was used before. Wait for the next one in the app."))
            return self.form_invalid(form)
        sessions.begin(self.request, self.user, factor=factor)
        if len(form.cleaned_data["code"]) == recovery_codes.DIGITS:
            told = _("You used a recovery code; it is void now. Left: %(left)s. Make new ones before the last one.")
            messages.warning(self.request, told % {"left": prose_digits(str(recovery_codes.left(self.user)))})
        return HttpResponseRedirect(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        left, stay_url = seconds_left(self.request), reverse("admin:login-code-stay")
        return super().get_context_data(next=self.get_redirect_url(), ending=left, stay_url=stay_url, **kwargs)


def wait(request: HttpRequest, user: User) -> None:
    """The password was right. Nothing that a visitor had before stays, a session of somebody else neither."""
    request.session.flush()
    request.session[KEPT] = [user.pk, user.get_session_auth_hash(), now := int(timezone.now().timestamp()), now]


def waiting(request: HttpRequest) -> User | None:
    """Whose code this browser's sign-in waits for; None when there is none, or it took too long."""
    if KEPT not in request.session:
        return None
    pk, mark, *_times = request.session[KEPT]
    user = User.objects.filter(pk=pk, is_active=True, is_staff=True).first()
    if user is None or not constant_time_compare(mark, user.get_session_auth_hash()):
        return None
    return user if seconds_left(request)[0] > 0 else None


def put_off(request: HttpRequest) -> None:
    """Who waits is still there: WAITS counts from now, LONGEST does not."""
    pk, mark, *times = request.session[KEPT]
    request.session[KEPT] = [pk, mark, int(timezone.now().timestamp()), times[-1]]


def seconds_left(request: HttpRequest) -> tuple[int, int]:
    """Of who waits: until it ends if nothing happens, and until it ends in any case."""
    _, _, since, *more = request.session[KEPT]
    now, began = int(timezone.now().timestamp()), more[0] if more else since  # one: of a session of an older version
    idle, in_any_case = since + WAITS - now, began + LONGEST - now
    return max(0, min(idle, in_any_case)), max(0, in_any_case)


def to_code(request: HttpRequest, next_page: str) -> HttpResponse:
    """The page that asks for the code; `next_page` is where the clerk wanted to go, checked again at the end."""
    return _to(request, "admin:login-code", next_page)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    return _to(request, "admin:login", "")


def _to(request: HttpRequest, name: str, next_page: str) -> HttpResponse:
    address = reverse(name, current_app=getattr(request, "current_app", None))
    return HttpResponseRedirect(f"{address}?{urlencode({'next': next_page})}" if next_page else address)


def _account(user: AbstractBaseUser) -> User:
    assert isinstance(user, User)  # noqa: S101  there is one backend
    return user
