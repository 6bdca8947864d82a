"""What the desk's pages about accounts share: the account, the page of a form, the ways back to the record."""

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
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.errands import scope
from accounts.errands.alone import ColleagueNeeded
from accounts.errands.errand import ChangedMeanwhile, Errand, NotPossible, invited
from accounts.models import User
from registration.desk.accounts import search
from registration.desk.accounts.acts import WHY_NOT, may
from registration.desk.accounts.forms import ErrandForm
from registration.desk.record import Text
from registration.desk.who import who

if TYPE_CHECKING:
    AccountAdminBase = admin.ModelAdmin[User]
else:
    AccountAdminBase = admin.ModelAdmin

NAME = "accounts_user_"


class AccountPages(AccountAdminBase):
    """Each part of AccountAdmin is one."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return search.citizens().order_by(*search.ORDER)

    def errand_url(self, address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        """Of a page on which something is done. The view raises NotPossible and ChangedMeanwhile, which are told on
        the record, and scope.Elsewhere."""

        @wraps(view)
        def page(request: HttpRequest, pk: int) -> HttpResponse:
            try:
                return view(request, pk)
            except ColleagueNeeded as needed:
                messages.warning(request, WHY_NOT[needed.done])
            except NotPossible:
                if not invited(pk):  # what the record says by itself
                    messages.warning(request, _("This cannot be done with the account as it is now."))
            except ChangedMeanwhile:
                told = _("The account was changed meanwhile, by its owner or a colleague. Look at it anew.")
                messages.warning(request, told)
            return self.to_record(pk)

        both = require_http_methods(["GET", "POST"])
        asking = self.asked_why(both(page))
        return path(f"<int:pk>/{address}/", self.admin_site.admin_view(asking), name=NAME + name)

    def asked_why(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """`view`, or the way to the reason where the account is of another province and none was given."""

        @wraps(view)
        def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except scope.Elsewhere as refused:  # an address may write the number in other ways than the pattern takes
                return self.to("reach", refused.account_id)

        return asking

    def account(self, request: HttpRequest, pk: int, permission: str, states: frozenset[str]) -> User:
        """For somebody with this permission, to do what is offered in these states.

        Raises Http404, PermissionDenied, NotPossible, scope.Elsewhere.
        """
        user = self.looked_at(request, pk, permission)
        if not may(who(request), permission, states, user):
            raise NotPossible
        return user

    def looked_at(self, request: HttpRequest, pk: int, permission: str) -> User:
        """As `account`, in whatever state."""
        user = get_object_or_404(self.get_queryset(request), pk=pk)
        if not (self.has_view_permission(request, user) and request.user.has_perm(permission)):
            raise PermissionDenied
        scope.refuse_elsewhere(user, who(request))
        return user

    def form_page(
        self, request: HttpRequest, template: str, title: Text, user: User, form: forms.Form, **more: Any
    ) -> HttpResponse:
        scope.viewed(user, by=who(request), client_ip=request.META["REMOTE_ADDR"])  # the page names the person
        return self.page(request, template, title, original=user, form=form, **more)

    def page(self, request: HttpRequest, template: str, title: Text, **more: Any) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **more}
        return TemplateResponse(request, f"admin/accounts/user/{template}.html", context)

    def to_record(self, pk: int | str) -> HttpResponse:
        return self.to("change", pk)

    def to(self, page: str, *args: int | str) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:{NAME}{page}", args=args, current_app=self.admin_site.name))


def errand_of(request: HttpRequest, form: ErrandForm) -> Errand:
    """Of a form that is valid."""
    version = form.cleaned_data["version"]
    return Errand(by=who(request), client_ip=request.META["REMOTE_ADDR"], words=form.words(), version=version)
