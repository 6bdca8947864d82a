"""The page of figures, and each figure as a file. Requests and text messages are those of the viewer's provinces, work
is that of the viewer's branches; what belongs to no province is shown to whoever sees all of them."""

import datetime as dt
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from infra.spreadsheet import write_row
from registration.desk import staff_scope
from registration.desk.figures import drawn, standing, words
from registration.desk.figures.drawn import Figure
from registration.desk.filters import provinces_of
from registration.desk.who import who
from registration.figures import days, reading
from registration.figures.reading import Read
from sms import statistics

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite

SEE = "registration.view_dailyfigure"
DAYS = 30
BOM = "\ufeff"  # by which spreadsheets know UTF-8

OF_PROVINCES: dict[str, Callable[[Read], Figure]] = {
    "outcomes": drawn.outcomes,
    "decisions": drawn.decisions,
    "delivery": drawn.delivery,
}
OF_ALL: dict[str, Callable[[Read], Figure]] = {"funnel": drawn.funnel, "fields": drawn.fields}
WORK = ("branches", "clerks")


class Pages:
    """On a site of Django's admin, which lets staff in alone."""

    def __init__(self, site: "AdminSite") -> None:
        self.site = site

    def urls(self) -> list[URLPattern]:
        wrap = self.site.admin_view
        return [
            path("figures/", wrap(require_GET(self.figures)), name="figures"),
            path("figures/<slug:key>.csv", wrap(require_GET(self.file)), name="figures-file"),
        ]

    def figures(self, request: HttpRequest) -> HttpResponse:
        _refuse(request)
        shown = _days()
        provinces = provinces_of(request)
        read = reading.figures(shown, provinces)
        figures = [draw(read) for draw in _offered(request).values()]
        figures += [_work(request, key, shown) for key in WORK]
        request.current_app = self.site.name
        context = {
            **self.site.each_context(request),
            "title": _("Figures"),
            "queues": standing.queues(request, self.site.name),
            "figures": figures,
            "first": shown[0],
            "last": shown[-1],
            "counted_at": statistics.figures_counted_at(),
            "province": next(iter(provinces), "") if provinces is not None else None,
        }
        return TemplateResponse(request, "admin/figures/page.html", context)

    def file(self, request: HttpRequest, key: str) -> HttpResponse:
        """The table of one figure as CSV; of work with all the clerks."""
        _refuse(request)
        shown = _days()
        if key in WORK:
            figure = _work(request, key, shown, most=None)
        elif draw := _offered(request).get(key):
            figure = draw(reading.figures(shown, provinces_of(request)))
        else:
            raise Http404
        lines = io.StringIO(newline="")
        write_row(lines, figure.columns)
        for row in figure.rows:
            write_row(lines, [words.numeric_date(cell) if isinstance(cell, dt.date) else cell for cell in row])
        response = HttpResponse(BOM + lines.getvalue(), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{key}-{words.numeric_date(shown[-1])}.csv"'
        return response


def _refuse(request: HttpRequest) -> None:
    if not request.user.has_perm(SEE):
        raise PermissionDenied


def _days() -> list[dt.date]:
    return days.last(DAYS, days.of(timezone.now()))


def _offered(request: HttpRequest) -> dict[str, Callable[[Read], Figure]]:
    return OF_PROVINCES | (OF_ALL if provinces_of(request) is None else {})


def _work(request: HttpRequest, key: str, shown: list[dt.date], most: int | None = reading.MOST_CLERKS) -> Figure:
    branches = None if provinces_of(request) is None else staff_scope.branches(who(request))
    if key == "branches":
        return drawn.branches(reading.by_branch(shown, branches))
    return drawn.clerks(reading.by_clerk(shown, branches, most))
