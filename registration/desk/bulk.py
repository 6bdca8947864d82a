"""Several requests activated at once, after a page where each line says why it can or cannot.

No line is activated by fewer words than alone: the verb is the same, without anything named. So it serves those whose
identity the registry confirmed and whose mobile was shown by a code. Nothing is refused in bulk.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.templatetags.portal import fa
from registration.desk.request_pages import DECIDE, NAME, RequestPages, typed_id
from registration.desk.who import who
from registration.lifecycle import decisions, documents, scope
from registration.lifecycle.documents import Seen
from registration.models import RegistrationRequest
from registration.pages.places import city_name

MOST = 50  # a page of the list
SERVED = {"waiting", "branch", "all"}  # choices of the status filter
ELSEWHERE = _("It is of another province: open the record, with a reason")


class Line(NamedTuple):
    """A chosen request; of another province: nothing of whom it is about."""

    row: RegistrationRequest
    why_not: str | Promise
    name: str
    place: str
    is_elsewhere: bool


class SeenForm(forms.Form):
    documents_seen = forms.BooleanField(
        error_messages={"required": _("Tick first that you have seen the identity documents")}
    )


def line(row: RegistrationRequest, clerk: User) -> Line:
    """With what is in the way, for a page; the verb asks all of it again."""
    try:
        scope.refuse_elsewhere(row, clerk)
    except scope.Elsewhere:
        return Line(row, ELSEWHERE, gettext("A request of another province"), "", is_elsewhere=True)
    return Line(row, _why_not(row), row.get_full_name(), city_name(row.city), is_elsewhere=False)


def _why_not(row: RegistrationRequest) -> str | Promise:
    if row.status not in RegistrationRequest.OPEN:
        return _("This request has already been decided")
    try:
        documents.refuse_unseen(row, Seen())
    except documents.NotSeen as lacking:
        if lacking.documents or lacking.fields:
            return _("The registry does not agree: compare with the documents in the record")
        return _("The mobile was not shown by a code: do that in the record")
    return ""


class Bulk(RequestPages):
    """A part of RequestAdmin."""

    def offers_bulk(self, request: HttpRequest) -> bool:
        """Whether the list may hold several rows that can be chosen, and this person may activate them."""
        if "q" in request.GET or request.GET.get("status", "waiting") not in SERVED:
            return False
        return request.user.has_perm(DECIDE)

    def bulk_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("bulk/", wrap(require_POST(self.bulk)), name=f"{NAME}bulk"),
            path("bulk/activate/", wrap(require_POST(self.bulk_activate)), name=f"{NAME}bulkactivate"),
        ]

    @admin.display(description=_("choose"), empty_value="")
    def pick(self, row: RegistrationRequest) -> str:
        """The box of a row in the list; for those whom bulk can serve at all."""
        if row.status != RegistrationRequest.Status.BRANCH:
            return ""
        label = gettext("Choose the request of %(name)s") % {"name": row.get_full_name()}
        return format_html(
            '<label class="pick"><input type="checkbox" name="pk" value="{}" form="bulk" aria-label="{}"></label>',
            row.pk,
            label,
        )

    def bulk(self, request: HttpRequest) -> HttpResponse:
        """The page to confirm; changes nothing."""
        lines = self._lines(request)
        if not lines:
            messages.warning(request, _("Choose at least one request."))
            return self._to("changelist")
        return self._confirm(request, lines, SeenForm())

    def bulk_activate(self, request: HttpRequest) -> HttpResponse:
        lines = self._lines(request)
        form = SeenForm(request.POST)
        if not lines:
            return self._to("changelist")
        if not form.is_valid():
            return self._confirm(request, lines, form)
        done, clerk = 0, who(request)
        for row, *_rest in lines:
            try:
                words = gettext("several at once; mobile by a code")
                decisions.activate(row.pk, by=clerk, client_ip=request.META["REMOTE_ADDR"], words=words)
                done += 1
            except (decisions.AlreadyDecided, documents.NotSeen, documents.TwoNeeded, scope.Elsewhere):
                row.refresh_from_db()
                now = line(row, clerk)
                told = {"name": now.name, "why": now.why_not}
                messages.warning(request, _("%(name)s: not activated. %(why)s") % told)
        if done:
            text = _("%(count)s accounts are active; their citizens get a text message.")
            messages.success(request, text % {"count": fa(done)})
        return self._to("changelist")

    def _lines(self, request: HttpRequest) -> Sequence[Line]:
        if not request.user.has_perm(DECIDE):
            raise PermissionDenied
        numbers = {pk for typed in request.POST.getlist("pk")[:MOST] if (pk := typed_id(typed)) is not None}
        rows = self.get_queryset(request).filter(pk__in=numbers).order_by("submitted_at", "pk")
        return [line(row, who(request)) for row in rows]

    def _confirm(self, request: HttpRequest, lines: Sequence[Line], form: forms.Form) -> HttpResponse:
        can = sum(not line.why_not for line in lines)
        return self._page(request, "bulk", _("Activate several requests"), lines=lines, form=form, can=can)
