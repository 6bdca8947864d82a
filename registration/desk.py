"""The branch desk: an admin site of its own, where clerks see what waits for them and find a citizen's request.

What a clerk may do is decided by permissions (desk_roles.py), what happens then by registration.decisions.
"""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts import sessions
from accounts.models import User
from accounts.validators import clean_number
from registration import desk_search
from registration.models import RegistrationRequest


class DeskSignInForm(AdminAuthenticationForm):
    """The national code in any digits and with anything between them; one message for whatever is wrong."""

    error_messages = {
        "invalid_login": _("The national code or the password is not right"),
        "inactive": _("The national code or the password is not right"),
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
        return clean_number(self.cleaned_data["username"])


class DeskSignIn(LoginView):
    """Begins the session as every sign-in of the portal does: a new one, with its times."""

    authentication_form = DeskSignInForm
    template_name = "admin/login.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        assert isinstance(user, User)  # noqa: S101  there is one backend
        sessions.begin(self.request, user)
        return HttpResponseRedirect(self.get_success_url())


class Desk(admin.AdminSite):
    site_header = _("Branch desk")
    site_title = _("Social Security registration portal")
    index_title = _("Requests at a glance")
    enable_nav_sidebar = False
    empty_value_display = "–"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Strangers come to the desk's own sign-in from every page; Django forgets the pages of models."""
        urls: list[URLPattern | URLResolver] = super().get_urls()
        for pattern in _patterns(urls):
            if getattr(pattern.callback, "login_required", True):
                pattern.callback.login_url = reverse_lazy("admin:login", current_app=self.name)  # type: ignore[attr-defined]
        return urls

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        tiles = _tiles(self.name) if request.user.has_perm("registration.view_registrationrequest") else []
        context = {"tiles": tiles, "decision_hours": settings.DECISION_HOURS, **(extra_context or {})}
        return super().index(request, context)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        index = reverse("admin:index", current_app=self.name)
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(index)
        request.current_app = self.name
        context = {**self.each_context(request), "app_path": request.get_full_path()}
        view = DeskSignIn.as_view(next_page=index, extra_context=context | (extra_context or {}))
        return cast(HttpResponse, view(request))

    setattr(login, "login_required", False)  # noqa: B010  what login_not_required would set

    def password_change(  # type: ignore[override]  # a redirect where the stub promises a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Everybody's password is changed in one place, under one set of rules."""
        return redirect("accounts:password")

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Back to the sign-in page: a page that says good-bye would only be in the way of the next clerk."""
        view = LogoutView.as_view(next_page=reverse("admin:login", current_app=self.name))
        response = view(request)
        response.headers["Clear-Site-Data"] = sessions.CLEAR_SITE_DATA
        return response

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """Nothing at the desk is chosen by typing a part of it; Django's view answers 500 to a NUL character."""
        raise Http404


def _patterns(urls: Iterable[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for entry in urls:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns)
        else:
            yield entry


def _tiles(site: str) -> list[dict[str, Any]]:
    """What a clerk looks at first: three counts, each a link to its list."""
    queues = {"waiting": desk_search.WAITING, "today": desk_search.today(), "overdue": desk_search.overdue()}
    links = {"waiting": "", "today": "?status=all&when=today", "overdue": "?status=submitted&when=overdue"}
    sets = {name: RegistrationRequest.objects.filter(queue) for name, queue in queues.items()}
    with desk_search.by_indexes_alone():
        counts = desk_search.count_up_to(desk_search.CAP, sets)
    address = reverse("admin:registration_registrationrequest_changelist", current_app=site)
    return [
        {
            "name": name,
            "count": min(count, desk_search.CAP),
            "more": count > desk_search.CAP,
            "address": address + links[name],
        }
        for name, count in counts.items()
    ]


desk = Desk(name="desk")
