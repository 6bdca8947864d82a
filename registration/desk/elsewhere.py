"""The page before a request of another province: it is opened with a reason, which stays in its history."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from registration.desk.forms import ReachForm
from registration.lifecycle import scope
from registration.models import RegistrationRequest

NAME = "registration_registrationrequest_reach"


class FromElsewhere:
    """A part of RequestAdmin."""

    if TYPE_CHECKING:
        admin_site: Any
        opts: Any

        def get_queryset(self, request: HttpRequest) -> Any: ...
        def has_view_permission(self, request: HttpRequest, obj: RegistrationRequest | None = None) -> bool: ...
        def _to_record(self, request: HttpRequest, pk: int | str) -> HttpResponse: ...

    def reach_urls(self) -> list[URLPattern]:
        view = require_http_methods(["GET", "POST"])(self.reach)
        return [path("<int:pk>/reach/", self.admin_site.admin_view(view), name=NAME)]

    def asked_why(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """`view`, or the way to the reason where the request is of another province and none was given."""

        @wraps(view)
        def asking(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, pk, **kwargs)
            except scope.Elsewhere as refused:  # an address may write the number in other ways than the pattern takes
                row = [refused.request_id]
                return HttpResponseRedirect(reverse(f"admin:{NAME}", args=row, current_app=self.admin_site.name))

        return asking

    def reach(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        who = cast(User, request.user)  # the site lets nobody else in
        if not scope.is_elsewhere(row, who):
            return self._to_record(request, pk)
        form = ReachForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            scope.reach(row, by=who, client_ip=request.META["REMOTE_ADDR"], words=form.text())
            return self._to_record(request, pk)
        return self._ask_why(request, row.province, form)

    def _ask_why(self, request: HttpRequest, province: str, form: forms.Form) -> HttpResponse:
        """Shows nothing of the person."""
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "title": _("A request of another province")}
        context |= {"opts": self.opts, "province": province, "form": form}
        return TemplateResponse(request, "admin/registration/registrationrequest/reach.html", context)
