"""What the desk's pages about requests share: the request for who decides, the page of a form, the ways back."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from registration.desk import search as desk_search
from registration.desk.forms import CORRECTED_MEANWHILE
from registration.desk.who import who
from registration.lifecycle import scope
from registration.models import RegistrationRequest

if TYPE_CHECKING:
    RequestAdminBase = admin.ModelAdmin[RegistrationRequest]
else:
    RequestAdminBase = admin.ModelAdmin

NAME = "registration_registrationrequest_"
DECIDE = "registration.decide_registrationrequest"


class RequestPages(RequestAdminBase):
    """Each part of RequestAdmin is one."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegistrationRequest]:
        """What a clerk may see at all: no drafts. Lists hold less: RequestList."""
        rows = RegistrationRequest.objects.exclude(status=RegistrationRequest.Status.DRAFT)
        return rows.defer(*desk_search.SECRET)

    def asked_why(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """`view`, or the way to the reason where the request is of another province and none was given."""

        @wraps(view)
        def asking(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, pk, **kwargs)
            except scope.Elsewhere as refused:  # an address may write the number in other ways than the pattern takes
                return self._to("reach", refused.request_id)

        return asking

    def _form_page(
        self, request: HttpRequest, template: str, title: Any, row: RegistrationRequest, form: forms.Form, **more: Any
    ) -> HttpResponse:
        scope.viewed(row, by=who(request), client_ip=request.META["REMOTE_ADDR"])  # it names the person
        return self._page(request, template, title, original=row, form=form, **more)

    def _page(self, request: HttpRequest, template: str, title: Any, **more: Any) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **more}
        return TemplateResponse(request, f"admin/registration/registrationrequest/{template}.html", context)

    def _get_to_decide(self, request: HttpRequest, pk: int) -> RegistrationRequest:
        """Raises Http404, PermissionDenied, scope.Elsewhere."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        if not (self.has_view_permission(request, row) and request.user.has_perm(DECIDE)):
            raise PermissionDenied
        scope.refuse_elsewhere(row, who(request))
        return row

    def _too_late(self, request: HttpRequest, pk: int) -> HttpResponse:
        messages.warning(request, _("This request has already been decided"))
        return self._to_record(pk)

    def _changed(self, request: HttpRequest, pk: int) -> HttpResponse:
        messages.warning(request, CORRECTED_MEANWHILE)
        return self._to_record(pk)

    def _meanwhile(self, request: HttpRequest, pk: int) -> HttpResponse:
        told = _("A colleague took this request, or handed it back, meanwhile. See who has it now.")
        messages.warning(request, told)
        return self._to_record(pk)

    def _to_record(self, pk: int | str) -> HttpResponse:
        return self._to("change", pk)

    def _to(self, page: str, *args: int | str) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:{NAME}{page}", args=args, current_app=self.admin_site.name))


def typed_id(text: str) -> int | None:
    """The primary key that a form has sent; None for what is none, or is longer than one can be."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
