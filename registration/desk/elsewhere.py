"""The page before a request of another province: it is opened with a reason, which stays in its history."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from registration.desk.forms import ReachForm
from registration.desk.request_pages import NAME, RequestPages
from registration.desk.who import who
from registration.lifecycle import scope
from registration.pages.places import province_name


class FromElsewhere(RequestPages):
    """A part of RequestAdmin."""

    def reach_urls(self) -> list[URLPattern]:
        view = require_http_methods(["GET", "POST"])(self.reach)
        return [path("<int:pk>/reach/", self.admin_site.admin_view(view), name=f"{NAME}reach")]

    def reach(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if not scope.is_elsewhere(row, who(request)):
            return self._to_record(pk)
        form = ReachForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            scope.reach(row, by=who(request), client_ip=request.META["REMOTE_ADDR"], words=form.text())
            return self._to_record(pk)
        # It shows nothing of the person.
        title = _("A request of another province")
        return self._page(request, "reach", title, province=province_name(row.province), form=form)
