"""The enrolment's pages: the code that was handed over, then the password, then the authenticator app, in this order.

The browser's session holds which enrolment it has begun and how far it is, nothing secret; it opens no page of the
desk, before or after: sign-in follows. Without JavaScript, and as well on the phone that has the app.
"""

import re
from functools import wraps
from typing import TYPE_CHECKING, Any

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.models import StaffEnrolment
from accounts.passwords import budget
from accounts.passwords.field import PasswordField
from accounts.passwords.form import NewPasswordForm
from accounts.passwords.rules import RULES
from accounts.sign_in import gate, totp
from accounts.staff import enrolment
from iran.fields import ShortField
from iran.numbers import NATIONAL_CODE_MESSAGES, clean_number
from iran.plain_form import PlainForm
from registration.desk.sign_in import TotpForm

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite

KEPT = "desk_enrolment"  # of the session: id and openings of the row, and whether the password was shown or set
DONE = "desk_enrolled"
QUIET_ZONE = 4  # modules of white around the QR code (ISO/IEC 18004)
NUMBER = {"inputmode": "numeric", "dir": "ltr", "spellcheck": "false", "autocomplete": "off"}


class EnrolForm(PlainForm):
    """Both numbers in any digits and with anything between them."""

    national_code = ShortField(
        label=_("National code"),
        widget=forms.TextInput(attrs=NUMBER),
        error_messages={
            "required": _("Enter your national code"),
            "max_length": NATIONAL_CODE_MESSAGES["length"],
        },
    )
    code = ShortField(
        label=_("Enrolment code"),
        help_text=_("12 digits, from your supervisor or from the portal’s operator"),
        widget=forms.TextInput(attrs=NUMBER),
        error_messages={"required": _("Enter the enrolment code"), "max_length": _("The enrolment code has 12 digits")},
    )

    def clean_national_code(self) -> str:
        return clean_number(self.cleaned_data["national_code"])

    def clean_code(self) -> str:
        code = clean_number(self.cleaned_data["code"])
        if not re.fullmatch("[0-9]{12}", code):
            raise forms.ValidationError(_("The enrolment code has 12 digits"), code="length")
        return code


class PresentPasswordForm(PlainForm):
    """Of who has a password already: whoever has the code alone takes over no account."""

    password = PasswordField(
        current=True,
        label=_("Your present password"),
        help_text=_("The one with which you signed in until now, at the desk or to your own account"),
        error_messages={"required": _("Enter your password")},
    )


class FirstPasswordForm(NewPasswordForm):
    """Who began the enrolment before, and begins it again, may choose the same one."""

    def is_the_present_one(self, password: str) -> bool:
        return False


class FirstCodeForm(TotpForm):
    """The first code of a new app; not focused, because what stands above it comes first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.pop("autofocus")
        self.fields["code"].help_text = _("The 6 digits that the app shows now")


class Pages:
    """The three pages, on a site of Django's admin."""

    def __init__(self, site: "AdminSite") -> None:
        self.site = site

    def urls(self) -> list[URLPattern]:
        return [
            path("enrol/", self._public(self.code), name="enrol"),
            path("enrol/password/", self._public(self.password), name="enrol-password"),
            path("enrol/app/", self._public(self.app), name="enrol-app"),
        ]

    def _public(self, view: Any) -> Any:
        """A page for who is not signed in: each asks for what it needs."""

        @wraps(view)
        def page(request: HttpRequest) -> HttpResponse:
            request.current_app = self.site.name
            response: HttpResponse = view(request)
            return response

        return login_not_required(sensitive_post_parameters()(require_http_methods(["GET", "HEAD", "POST"])(page)))

    @sensitive_variables("form", "given")
    def code(self, request: HttpRequest) -> HttpResponse:
        form = EnrolForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            given = form.cleaned_data
            try:
                row = enrolment.begin(given["national_code"], given["code"], request.META["REMOTE_ADDR"])
            except enrolment.Expired:
                form.add_error("code", _("This enrolment code is too old. Ask for a new one where you got it."))
            else:
                if row:
                    request.session.flush()
                    request.session[KEPT] = [row.pk, row.openings, False]
                    return self._to("enrol-password")
                form.add_error(
                    "code",
                    _(
                        "The national code or the enrolment code is not right, or the code was used already or "
                        "replaced by a newer one. After ten tries a code is void."
                    ),
                )
        return self._page(request, "code", _("Enrol at the branch desk"), form)

    @sensitive_variables("form")
    def password(self, request: HttpRequest) -> HttpResponse:
        row, shown = self._begun(request)
        if row is None:
            return self._begin_again(request)
        if shown:
            return self._to("enrol-app")
        posted = request.POST if request.method == "POST" else None
        chooses = enrolment.chooses_password(row.user)
        form: PlainForm = FirstPasswordForm(posted, user=row.user) if chooses else PresentPasswordForm(posted)
        if form.is_valid() and self._is_shown(request, row, form, chooses=chooses):
            request.session[KEPT] = [row.pk, row.openings, True]
            return self._to("enrol-app")
        title = _("Choose your password") if chooses else _("Enter your password")
        return self._page(request, "password", title, form, user=row.user, rules=RULES if chooses else ())

    @sensitive_variables("form")
    def _is_shown(self, request: HttpRequest, row: StaffEnrolment, form: PlainForm, *, chooses: bool) -> bool:
        """Whether the password is set, or was the right one; else the form says why not."""
        client_ip = request.META["REMOTE_ADDR"]
        if chooses:
            budget.count(f"enrolment {row.pk}", client_ip)
            try:
                enrolment.set_password(row, form.cleaned_data["password1"])
            except enrolment.Gone:
                form.add_error("password1", _("This enrolment was begun elsewhere meanwhile. Begin it again."))
                return False
            return True
        if gate.prove_at_desk(row.user.national_code, form.cleaned_data["password"], client_ip) is None:
            form.add_error("password", _("The password is not right"))
            return False
        return True

    @sensitive_variables("form", "codes")
    def app(self, request: HttpRequest) -> HttpResponse:
        row, shown = self._begun(request)
        if row is None:
            return self._begin_again(request)
        if not shown:
            return self._to("enrol-password")
        form = FirstCodeForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                codes = enrolment.finish(row, form.cleaned_data["code"], request.META["REMOTE_ADDR"])
            except enrolment.Gone:
                return self._begin_again(request)
            if codes:
                request.session.flush()
                request.session[DONE] = True
                return self._page(request, "recovery_codes", _("Your recovery codes"), form, codes=in_fives(codes))
            form.add_error("code", _("The code is not right. Wait for the next one in the app and type that."))
        factor = enrolment.app_secret(row)
        secret, uri = totp.secret(factor), totp.uri(factor)
        in_fours = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        return self._page(request, "app", _("Set up the authenticator app"), form, secret=in_fours, uri=uri, qr=qr(uri))

    def _begun(self, request: HttpRequest) -> tuple[StaffEnrolment | None, bool]:
        """The enrolment that this browser has begun, and whether its password was shown."""
        if KEPT not in request.session:
            return None, False
        pk, openings, shown = request.session[KEPT]
        return enrolment.present(pk, openings), shown

    def _begin_again(self, request: HttpRequest) -> HttpResponse:
        if DONE in request.session:
            messages.success(request, _("Your enrolment is finished. Sign in with your password and the app."))
            return self._to("login")
        if request.session.pop(KEPT, None):
            told = _("This enrolment goes on here no longer: its time is over, or it was begun elsewhere or withdrawn.")
            messages.warning(request, told)
        return self._to("enrol")

    def _to(self, name: str) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:{name}", current_app=self.site.name))

    def _page(self, request: HttpRequest, name: str, title: Any, form: forms.Form, **more: Any) -> HttpResponse:
        context = {**self.site.each_context(request), "title": title, "form": form, **more}
        return TemplateResponse(request, f"admin/enrol/{name}.html", context)


def in_fives(codes: list[str]) -> list[str]:
    """Recovery codes as they are read and typed."""
    return [f"{code[:5]} {code[5:]}" for code in codes]


def qr(text: str) -> dict[str, Any]:
    """A QR code as the path of an SVG of `size` × `size` units: a horizontal stroke for each run of dark modules."""
    matrix = segno.make(text, error="m", micro=False).matrix_iter(border=QUIET_ZONE)
    rows = ["".join("1" if module else "0" for module in row) for row in matrix]
    runs = [(run.start(), y, len(run[0])) for y, row in enumerate(rows) for run in re.finditer("1+", row)]
    return {"size": len(rows), "path": "".join(f"M{x} {y}.5h{length}" for x, y, length in runs)}
