"""The branch desk: an admin site of its own, where clerks see what waits for them and find a citizen's request.

What a clerk may do is decided by permissions (roles.py); what happens then, by registration.lifecycle for requests,
accounts.errands for accounts and accounts.staff for the staff.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import LogoutView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.sign_in import sessions
from infra import security_log
from registration.desk import enrol, staff_pages, step_up
from registration.desk import sign_in as desk_sign_in
from registration.desk import tiles as desk_tiles
from registration.desk.looks import pages as looks
from sms.provider_status import configuration_problem, credit_level

_known_methods = require_http_methods(["GET", "HEAD", "OPTIONS", "POST"])


class Desk(admin.AdminSite):
    site_header = _("Branch desk")
    site_title = _("Social Security registration portal")
    index_title = _("Requests at a glance")
    enable_nav_sidebar = False
    empty_value_display = "–"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Strangers come to the desk's own sign-in from every page; Django forgets the pages of models."""
        urls: list[URLPattern | URLResolver] = [
            path("login/code/", self.login_code, name="login-code"),
            path("code/", self.admin_view(partial(step_up.fresh_code, self)), name="fresh-code"),
            *enrol.Pages(self).urls(),
            *staff_pages.Pages(self).urls(),
            *looks.Pages(self).urls(),
            *super().get_urls(),
        ]
        for pattern in _patterns(urls):
            if getattr(pattern.callback, "login_required", True):
                pattern.callback.login_url = reverse_lazy("admin:login", current_app=self.name)  # type: ignore[attr-defined]
        return urls

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Of every page of the desk; what needs a fresh code asks for it. Other methods are answered 405."""
        return super().admin_view(_known_methods(step_up.guarded(self, view)), cacheable)

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff whose session began here, with the second factor: one from the citizens' page does not open the desk.

        The session ends with the row that it names, see accounts.sign_in.sessions.
        """
        if desk_sign_in.is_asked() and sessions.FACTOR not in request.session:
            return False
        return super().has_permission(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        may_look = request.user.has_perm("registration.view_registrationrequest")
        tiles = desk_tiles.of(request, self.name) if may_look else []
        context = {"tiles": tiles, "decision_hours": settings.DECISION_HOURS, **(extra_context or {})}
        if request.user.has_perm("sms.view_providerstate"):
            context |= {"sms_problem": configuration_problem(), "credit_low": credit_level() == "low"}
        return super().index(request, context)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        index = reverse("admin:index", current_app=self.name)
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(index)
        request.current_app = self.name
        if request.method == "GET" and "again" not in request.GET and desk_sign_in.waiting(request):
            return desk_sign_in.to_code(request, request.GET.get(REDIRECT_FIELD_NAME, ""))
        context = {**self.each_context(request), "app_path": request.get_full_path()}
        view = desk_sign_in.DeskSignIn.as_view(next_page=index, extra_context=context | (extra_context or {}))
        return cast(HttpResponse, view(request))

    setattr(login, "login_required", False)  # noqa: B010  what login_not_required would set

    def login_code(self, request: HttpRequest) -> HttpResponse:
        """The second factor, after the right password."""
        request.current_app = self.name
        index = reverse("admin:index", current_app=self.name)
        view = desk_sign_in.DeskCode.as_view(next_page=index, extra_context=self.each_context(request))
        return cast(HttpResponse, view(request))

    setattr(login_code, "login_required", False)  # noqa: B010

    def password_change(  # type: ignore[override]  # a redirect where the stub promises a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Everybody's password is changed in one place, under one set of rules."""
        return redirect("accounts:password")

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Back to the sign-in page: a page that says good-bye would only be in the way of the next clerk."""
        if request.user.is_authenticated:
            security_log.tell("sign-out", national_code=request.user.national_code)
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


desk = Desk(name="desk")
