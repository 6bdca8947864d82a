"""The desk's own pages of its staff: who works here, one member with what is done about them, an invitation.

Whom somebody sees and changes says staff_scope, what is done staff_acts; what needs a fresh code, the table of roles.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import StaffEvent, StaffFactor, User
from accounts.sign_in import own_sessions, recovery_codes
from accounts.staff.enrolment import Issued
from accounts.staff.events import Refused
from registration.desk import roles, staff_acts, staff_scope, step_up
from registration.desk import search as desk_search
from registration.desk.enrol import in_fives
from registration.desk.staff_acts import ACTS, STATES, Act, InviteForm
from registration.desk.who import who
from registration.models import DeskSearch

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite

SEE = "accounts.view_staff"
PER_PAGE = 50
NEWEST_EVENTS = 100


class Pages:
    """On a site of Django's admin, which lets staff in alone."""

    def __init__(self, site: "AdminSite") -> None:
        self.site = site

    def urls(self) -> list[URLPattern]:
        wrap = self.site.admin_view
        both = require_http_methods(["GET", "HEAD", "POST"])
        acts = [
            path(f"staff/<int:pk>/{act.key}/", wrap(both(partial(self.act, act=act))), name=f"staff-{act.key}")
            for act in ACTS
        ]
        return [
            path("staff/", wrap(require_GET(self.members)), name="staff"),
            path("staff/find/", wrap(require_POST(self.find)), name="staff-find"),
            path("staff/invite/", wrap(both(self.invite)), name="staff-invite"),
            path("staff/<int:pk>/", wrap(require_GET(self.member)), name="staff-member"),
            *acts,
            path("recovery-codes/", wrap(both(self.recovery_codes)), name="recovery-codes"),
        ]

    def members(self, request: HttpRequest) -> HttpResponse:
        viewer = _viewer(request, SEE)
        former, searched = "former" in request.GET, desk_search.asked(request)
        rows = staff_scope.visible(viewer)
        if searched:
            rows = staff_scope.found(rows, searched)
        else:
            gone = Q(is_staff=False, enrolment=None)
            rows = rows.filter(gone) if former else rows.exclude(gone)
        rows = rows.order_by("branch__province", "branch__name", "last_name_key", "pk")
        pages = Paginator(rows, PER_PAGE)
        page = pages.get_page(request.GET.get("p"))
        if searched:
            desk_search.note(request, searched, pages.count, DeskSearch.Place.STAFF)
        shown = [(one, staff_scope.role_of(one), STATES[staff_acts.state_of(one)]) for one in page]
        context = {"shown": shown, "page": page, "former": former, "searched": searched}
        context |= {"may_invite": request.user.has_perm(staff_scope.CHANGE) and bool(staff_scope.makes(viewer))}
        return self._page(request, "list", _("Staff"), **context)

    def find(self, request: HttpRequest) -> HttpResponse:
        """What was typed stays out of the address, as with requests."""
        _viewer(request, SEE)
        typed = request.POST.get("q", "").strip()
        query = f"?{urlencode({'q': desk_search.remember(request, typed)})}" if typed else ""
        return HttpResponseRedirect(self._address("staff") + query)

    def member(self, request: HttpRequest, pk: int) -> HttpResponse:
        viewer = _viewer(request, SEE)
        member = get_object_or_404(staff_scope.visible(viewer), pk=pk)
        role, state = staff_scope.role_of(member), staff_acts.state_of(member)
        return self._page(
            request,
            "member",
            member.get_full_name(),
            member=member,
            role=role,
            state=STATES[state],
            works=state == staff_acts.WORKS,
            is_oneself=member.pk == viewer.pk,
            session=next(own_sessions.open_rows(member), None),
            codes_left=recovery_codes.left(member),
            acts=staff_acts.offered(viewer, member),
            events=_events(member),
        )

    @sensitive_variables("issued")
    def act(self, request: HttpRequest, pk: int, act: Act) -> HttpResponse:
        viewer = _viewer(request, staff_scope.CHANGE)
        member = get_object_or_404(staff_scope.visible(viewer), pk=pk)
        if not (staff_scope.may_change(viewer, member) and staff_acts.has_a_choice(viewer, act)):
            raise PermissionDenied
        if act not in staff_acts.offered(viewer, member):
            messages.warning(request, _("This cannot be done about this member now. See how things stand."))
            return self._to(member)
        form = act.form(request.POST if request.method == "POST" else None, viewer=viewer, member=member)
        if form.is_valid():
            try:
                issued = act.does(form, member)
            except Refused as refused:
                messages.error(request, str(refused))
                return self._to(member)
            if issued:
                return self._issued(request, issued)
            messages.success(request, _("Done, and kept in the history"))
            return self._to(member)
        context = {"act": act, "member": member, "says": act.says, "button": act.button, "danger": act.is_grave}
        return self._page(request, "act", act.title, form=form, **context)

    @sensitive_variables("issued")
    def invite(self, request: HttpRequest) -> HttpResponse:
        viewer = _viewer(request, staff_scope.CHANGE)
        form = InviteForm(request.POST if request.method == "POST" else None, viewer=viewer, member=None)
        if form.is_valid():
            try:
                issued = staff_acts.invite(form)
            except Refused as refused:
                form.add_error(None, str(refused))
            except ValidationError as wrong:
                form.add_error("national_code", wrong)
            else:
                return self._issued(request, issued)
        says = _(
            "You get an enrolment code to hand over. The person sets the password and the authenticator app alone. Who "
            "has an account as a citizen keeps its name and its password."
        )
        context = {"form": form, "says": says, "button": _("Invite and make an enrolment code")}
        return self._page(request, "act", _("Invite a member of the staff"), **context)

    @sensitive_variables("codes")
    def recovery_codes(self, request: HttpRequest) -> HttpResponse:
        """One's own: how many are left, and new ones."""
        viewer = who(request)
        factor = StaffFactor.objects.filter(user=viewer).first()
        codes: list[str] = []
        if request.method == "POST" and factor:
            codes = in_fives(recovery_codes.renew(factor))
        context = {"codes": codes, "left": recovery_codes.left(viewer), "has_app": factor is not None}
        return self._page(request, "recovery_codes", _("Recovery codes"), **context)

    @sensitive_variables("issued")
    def _issued(self, request: HttpRequest, issued: Issued) -> HttpResponse:
        address = request.build_absolute_uri(self._address("enrol"))
        return self._page(request, "issued", _("Enrolment code"), issued=issued, member=issued.user, address=address)

    def _page(self, request: HttpRequest, name: str, title: Any, **more: Any) -> HttpResponse:
        request.current_app = self.site.name
        context = {**self.site.each_context(request), "title": title, "fresh": step_up.field(request), **more}
        return TemplateResponse(request, f"admin/staff/{name}.html", context)

    def _to(self, member: User) -> HttpResponse:
        return HttpResponseRedirect(self._address("staff-member", member.pk))

    def _address(self, name: str, *args: int) -> str:
        return reverse(f"admin:{name}", args=args, current_app=self.site.name)


def _viewer(request: HttpRequest, permission: str) -> User:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return who(request)


def _events(member: User) -> list[StaffEvent]:
    """The newest ones; `was` and `became` in the language of the page."""
    events = list(member.staff_events.select_related("actor").order_by("-pk")[:NEWEST_EVENTS])
    for event in events:
        event.was, event.became = roles.said(event.before), roles.said(event.after)  # type: ignore[attr-defined]
    return events
