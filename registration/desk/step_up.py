"""A fresh code of the authenticator app, five minutes old at most, before what shows a person or changes much.

Which addresses ask for it stands in the table of registration.desk.roles; the desk's site asks here for each of its
pages. A form that is sent without a fresh code is not lost: the page that asks for the code holds it, and sends both.
docs/decisions/0043.
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.views import RedirectURLMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.sign_in import totp
from accounts.sign_in.session_store import STARTED
from infra.limits import LimitReached
from iran import waits
from registration.desk import roles
from registration.desk.sign_in import TotpForm, is_asked
from registration.desk.who import who

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite

SECONDS = 5 * 60
SHOWN = "fresh_code"  # of the session: when a code was given last, Unix seconds
FIELD = "fresh_code"  # of a form that brings the code along
View = Callable[..., HttpResponse]


class FreshCodeForm(TotpForm):
    """As at the sign-in; its field has a name that no form of the desk has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("The 6 digits that the app shows now, or a recovery code")

    def add_prefix(self, field_name: str) -> str:
        return FIELD


def is_needed(request: HttpRequest) -> bool:
    """Whether the last code of this session, the one of the sign-in included, is too old."""
    last = max(request.session.get(STARTED, 0), request.session.get(SHOWN, 0))
    return is_asked() and timezone.now().timestamp() - last > SECONDS


def field(request: HttpRequest) -> FreshCodeForm | None:
    """For a page whose form will need a fresh code: it stands in that form, so that nobody is asked in between."""
    if not is_needed(request):
        return None
    form = FreshCodeForm()
    form.fields["code"].widget.attrs.pop("autofocus")  # what stands above it comes first
    return form


def guarded(site: "AdminSite", view: View) -> View:
    """`view`, but what the table names is shown and done with a fresh code only."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = request.resolver_match.url_name if request.resolver_match else None
        right = roles.asks_fresh_code(name or "", request.method or "")
        if right is None or (right and not request.user.has_perm(right)) or not is_needed(request):
            return view(request, *args, **kwargs)
        request.current_app = site.name
        if request.method in ("GET", "HEAD"):
            address = reverse("admin:fresh-code", current_app=site.name)
            return HttpResponseRedirect(f"{address}?{urlencode({'next': request.get_full_path()})}")
        form = FreshCodeForm(request.POST if FIELD in request.POST else None)
        if _is_given(request, form):
            return view(request, *args, **kwargs)
        held = [(key, value) for key, values in request.POST.lists() for value in values if key not in _OWN]
        return _ask(site, request, form, held=held, afterwards=reverse("admin:index", current_app=site.name))

    return page


_OWN = {FIELD, "csrfmiddlewaretoken"}


class FreshCode(RedirectURLMixin):
    """The page that asks, and leads back to where somebody wanted to look. One for each request: threads share none."""

    def __init__(self, site: "AdminSite", request: HttpRequest) -> None:
        self.site, self.request = site, request

    def answer(self) -> HttpResponse:
        request = self.request
        request.current_app = self.site.name
        next_page = self.get_redirect_url() or reverse("admin:index", current_app=self.site.name)
        form = FreshCodeForm(request.POST if request.method == "POST" else None)
        if not is_needed(request) or _is_given(request, form):
            return HttpResponseRedirect(next_page)
        return _ask(self.site, request, form, held=[("next", next_page)])


def fresh_code(site: "AdminSite", request: HttpRequest) -> HttpResponse:
    return FreshCode(site, request).answer()


def _is_given(request: HttpRequest, form: FreshCodeForm) -> bool:
    """Whether the form has brought a code that is right; else it says what is wrong."""
    if not form.is_valid():
        return False
    user, client_ip = who(request), request.META["REMOTE_ADDR"]
    try:
        factor = totp.use(user, form.cleaned_data["code"], client_ip)
    except LimitReached as limit:
        form.add_error("code", waits.refusal(limit))
        return False
    if factor is None:
        form.add_error("code", _("The code is not right, or was used before. Wait for the next one in the app."))
        return False
    request.session[SHOWN] = int(timezone.now().timestamp())
    return True


def _ask(
    site: "AdminSite", request: HttpRequest, form: FreshCodeForm, *, held: list[tuple[str, str]], afterwards: str = ""
) -> HttpResponse:
    """`held`: what the page sends together with the code. `afterwards`: where to sign in for when the session has
    ended, from a page that cannot be asked for by its address alone."""
    own = {"title": _("Show that it is you"), "form": form, "held": held, "afterwards": afterwards}
    context = site.each_context(request) | own
    page = TemplateResponse(request, "admin/fresh_code.html", context)
    return waits.answered(form, page)
