"""The desk's pages of looks: who looked at whom and when, and who looked without anything coming of it."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from infra.counting import by_indexes_alone
from iran import jalali
from iran.date_field import tehran_today
from registration.desk import search as desk_search
from registration.desk import staff_scope
from registration.desk.looks import lines
from registration.desk.looks.forms import WHATS, LooksForm, day_of
from registration.desk.looks.lines import Asked
from registration.desk.request_pages import typed_id
from registration.desk.who import who
from registration.models import DeskSearch

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite

SEE = "registration.view_desksearch"
MOST_MEMBERS = 200


class Pages:
    """On the desk's site."""

    def __init__(self, site: "AdminSite") -> None:
        self.site = site

    def urls(self) -> list[URLPattern]:
        wrap = self.site.admin_view
        return [
            path("looks/", wrap(require_safe(self.looks)), name="looks"),
            path("looks/find/", wrap(require_POST(self.find)), name="looks-find"),
            path("looks/idle/", wrap(require_safe(self.idle)), name="looks-idle"),
        ]

    def find(self, request: HttpRequest) -> HttpResponse:
        """What was typed stays out of the address, as with requests."""
        viewer = _viewer(request)
        form = LooksForm(request.POST, viewer=viewer)
        if not form.is_valid():
            return self._page(request, "list", _("Looks at records"), form=form)
        told = form.cleaned_data
        query: dict[str, Any] = {"what": told["what"]}
        if told["person"]:
            query["q"] = desk_search.remember(request, told["person"])
        if told["clerk"]:
            query["clerk"] = told["clerk"].pk
        if told["day"]:
            query["day"] = _written(told["day"])
        return HttpResponseRedirect(f"{self._address('looks')}?{urlencode(query)}")

    def looks(self, request: HttpRequest) -> HttpResponse:
        viewer = _viewer(request)
        clerk, person = _clerk(request, viewer), desk_search.asked(request)
        what = request.GET.get("what", "")
        what = what if what in dict(WHATS) else lines.LOOKS
        # Whom nothing else narrows is read by the day: that is an index.
        day = _day(request) or (None if clerk or person else tehran_today())
        asked = Asked(_members(viewer), clerk.pk if clerk else None, person, day, what)
        page = min(max(typed_id(request.GET.get("p", "")) or 1, 1), lines.LAST_PAGE)
        with by_indexes_alone():
            found, more = lines.page_of(asked, page)
        if person:
            desk_search.note(request, person, len(found), DeskSearch.Place.LOOKS)
        typed = {"person": person, "clerk": clerk.national_code if clerk else "", "what": what}
        form = LooksForm(initial=typed | {"day": _written(day) if day else ""}, viewer=viewer)
        context = {"form": form, "lines": found, "asked": asked, "clerk": clerk, "what": dict(WHATS)[what]}
        context |= {"page": page, "more": more, "last": page == lines.LAST_PAGE}
        return self._page(request, "list", _("Looks at records"), **context)

    def idle(self, request: HttpRequest) -> HttpResponse:
        """Of one day."""
        viewer, day = _viewer(request), _day(request) or tehran_today()
        with by_indexes_alone():
            found = lines.counts(Asked(_members(viewer), day=day), MOST_MEMBERS)
        near = {"before": _written(day - dt.timedelta(days=1))}
        if day < tehran_today():
            near["after"] = _written(day + dt.timedelta(days=1))
        hours = int(lines.ACTED_WITHIN.total_seconds() // 3600)
        context = {"counts": found, "day": day, "written": _written(day), "near": near, "hours": hours}
        return self._page(request, "idle", _("Looks after which nothing was done"), **context)

    def _page(self, request: HttpRequest, name: str, title: Any, **more: Any) -> HttpResponse:
        request.current_app = self.site.name
        context = {**self.site.each_context(request), "title": title, **more}
        return TemplateResponse(request, f"admin/looks/{name}.html", context)

    def _address(self, name: str) -> str:
        return reverse(f"admin:{name}", current_app=self.site.name)


def _viewer(request: HttpRequest) -> User:
    if not request.user.has_perm(SEE):
        raise PermissionDenied
    return who(request)


def _members(viewer: User) -> list[int] | None:
    return None if staff_scope.sees_all(viewer) else list(staff_scope.visible(viewer).values_list("pk", flat=True))


def _clerk(request: HttpRequest, viewer: User) -> User | None:
    """Raises Http404 for whom the viewer does not see."""
    text = request.GET.get("clerk", "")
    if not text:
        return None
    if (pk := typed_id(text)) is None:
        raise Http404
    return get_object_or_404(staff_scope.visible(viewer), pk=pk)


def _day(request: HttpRequest) -> dt.date | None:
    try:
        return day_of(request.GET.get("day", ""))
    except jalali.JalaliError:
        return None


def _written(day: dt.date) -> str:
    """As day_of reads it."""
    return "{}-{:02}-{:02}".format(*jalali.from_gregorian(day))
