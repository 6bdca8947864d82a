"""The page before an account of another province: it is opened with a reason, which stays in its history."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.errands import scope
from registration.desk.accounts.forms import ReachAccountForm
from registration.desk.accounts.pages import NAME, AccountPages
from registration.desk.who import who


class FromElsewhere(AccountPages):
    """A part of AccountAdmin."""

    def reach_urls(self) -> list[URLPattern]:
        view = require_http_methods(["GET", "POST"])(self.reach)
        return [path("<int:pk>/reach/", self.admin_site.admin_view(view), name=f"{NAME}reach")]

    def reach(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, user):
            raise PermissionDenied
        if not scope.is_elsewhere(user, who(request)):
            return self.to_record(pk)
        form = ReachAccountForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            scope.reach(user, by=who(request), client_ip=request.META["REMOTE_ADDR"], words=form.text())
            return self.to_record(pk)
        # It shows nothing of the person.
        return self.page(request, "reach", _("An account of another province"), province=user.province, form=form)
