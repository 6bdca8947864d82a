"""What the desk's pages offer for requests. registration.lifecycle moves them; search, filters and record of this room
find and describe them."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.templatetags.portal import ltr, masked_mobile, masked_national_code, moment
from infra.counting import by_indexes_alone
from registration.desk import record as desk_record
from registration.desk import search as desk_search
from registration.desk import two as desk_two
from registration.desk.bulk import Bulk
from registration.desk.caller import Caller
from registration.desk.change_list import RequestList
from registration.desk.correct_form import CorrectForm
from registration.desk.elsewhere import FromElsewhere
from registration.desk.errands import Errands, offered
from registration.desk.filters import WAITING, WHAT_TO_DO, StatusFilter, WhenFilter
from registration.desk.forms import ActivateForm, RejectForm
from registration.desk.handling import Handling
from registration.desk.mobile_code import MobileCode
from registration.desk.places_filters import BranchFilter, CityFilter, FlowFilter, ProvinceFilter
from registration.desk.request_pages import DECIDE, NAME
from registration.desk.site import desk
from registration.desk.who import who
from registration.lifecycle import corrections, decisions, documents, handling, scope
from registration.models import DeskSearch, RegistrationRequest
from registration.pages.places import city_name

FILTERS = ("status", "when", "province", "city", "branch", "flow")
TICKS = "desk_ticks"  # of a session


@admin.register(RegistrationRequest, site=desk)
class RequestAdmin(Handling, Errands, Bulk, MobileCode, Caller, FromElsewhere):
    """Requests to look at and to decide about; nothing of what a citizen wrote can be changed here."""

    list_display = ("applicant", "tracking", "national_code_end", "mobile_masked", "place", "state", "submitted")
    list_filter = (StatusFilter, WhenFilter, ProvinceFilter, CityFilter, BranchFilter, FlowFilter)
    search_fields = ()  # get_search_results knows better than "contains"
    show_facets = admin.ShowFacets.NEVER  # the filters count by themselves, and no further than anybody reads
    show_full_result_count = False
    list_per_page = list_max_show_all = 50
    sortable_by = ()
    actions = None
    fields = ()  # the record is drawn by desk_record

    # ── who may ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RegistrationRequest | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RegistrationRequest | None = None) -> bool:
        return False

    def may_decide(self, request: HttpRequest, row: RegistrationRequest) -> bool:
        return row.status in RegistrationRequest.OPEN and request.user.has_perm(DECIDE)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in FILTERS  # never a column: it could be probed

    # ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (*self.list_display, "pick") if self.offers_bulk(request) else self.list_display

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RequestList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        searched = desk_search.asked(request)
        by_number = bool(searched) and desk_search.by_number(searched) is not None
        what_to_do = "" if by_number else WHAT_TO_DO.get(request.GET.get(StatusFilter.parameter_name) or WAITING, "")
        context = {"title": self.opts.verbose_name_plural, "by_number": by_number, "what_to_do": what_to_do}
        context |= {"kept": {name: request.GET[name] for name in FILTERS if name in request.GET}}
        context |= {"offers_bulk": self.offers_bulk(request)} | (extra_context or {})
        with by_indexes_alone():
            response = super().changelist_view(request, context)
            if isinstance(response, TemplateResponse):
                response.render()  # the filters count while they are drawn
        desk_search.note_list(request, response, DeskSearch.Place.REQUESTS)
        return response

    @admin.display(description=_("applicant"))
    def applicant(self, row: RegistrationRequest) -> str:
        return row.get_full_name()

    @admin.display(description=_("tracking code"))
    def tracking(self, row: RegistrationRequest) -> SafeString:
        return ltr(row.tracking_code)

    @admin.display(description=_("national code"))
    def national_code_end(self, row: RegistrationRequest) -> SafeString:
        return masked_national_code(row.national_code)

    @admin.display(description=_("mobile"))
    def mobile_masked(self, row: RegistrationRequest) -> SafeString:
        return ltr(masked_mobile(row.mobile))

    @admin.display(description=_("status"))
    def state(self, row: RegistrationRequest) -> SafeString:
        return format_html('<span class="pill {}">{}</span>', row.status, row.get_status_display())

    @admin.display(description=_("submission time"))
    def submitted(self, row: RegistrationRequest) -> SafeString:
        return moment(row.submitted_at)

    @admin.display(description=_("city"))
    def place(self, row: RegistrationRequest) -> str:
        return city_name(row.city)

    # ── one record ────────────────────────────────────────────────────────────────────────────────────────────────────
    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: RegistrationRequest | None = None,
    ) -> HttpResponse:
        if obj is not None:
            scope.viewed(obj, by=who(request), client_ip=request.META["REMOTE_ADDR"])
            context |= {
                "groups": desk_record.groups(obj),
                "texts": desk_record.messages(obj),
                "events": desk_record.events(obj),
                "may_decide": self.may_decide(request, obj),
                "may_note": request.user.has_perm(DECIDE),
            }
            if request.user.has_perm(DECIDE):
                context |= {"errands": offered(obj, who(request))}
            if obj.status in RegistrationRequest.OPEN:
                context |= {"verdict": desk_record.verdict(obj), "two": desk_two.state(obj, who(request))}
                context |= {"form": ActivateForm(obj), "holder": handling.holder(obj)}
                context |= {"ticks": _ticks(request, obj.pk)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        view = self.asked_why(super().change_view)
        return view(request, object_id, form_url=form_url, extra_context=extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The record shows its own events; the admin's log has none."""
        return self._to_record(object_id)

    # ── searches and decisions ────────────────────────────────────────────────────────────────────────────────────────
    def get_urls(self) -> list[URLPattern]:
        wrap, why, form = self.admin_site.admin_view, self.asked_why, require_http_methods(["GET", "POST"])
        return [
            path("find/", wrap(require_POST(self.find)), name=f"{NAME}find"),
            path("<int:pk>/activate/", wrap(require_POST(why(self.activate))), name=f"{NAME}activate"),
            path("<int:pk>/correct/", wrap(form(why(self.correct))), name=f"{NAME}correct"),
            path("<int:pk>/reject/", wrap(form(why(self.reject))), name=f"{NAME}reject"),
            *self.handling_urls(),
            *self.code_urls(),
            *self.caller_urls(),
            *self.errand_urls(),
            *self.bulk_urls(),
            *self.reach_urls(),
            *super().get_urls(),
        ]

    def find(self, request: HttpRequest) -> HttpResponse:
        """Searches are posted, since an address with a person's number in it stays in logs and browsers."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        query = {name: request.POST[name] for name in FILTERS if name in request.POST}
        if request.POST.get("q", "").strip():
            query["q"] = desk_search.remember(request, request.POST["q"])
        address = reverse(f"admin:{NAME}changelist", current_app=self.admin_site.name)
        return HttpResponseRedirect(f"{address}?{urlencode(query)}" if query else address)

    def activate(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._get_to_decide(request, pk)
        if row.status not in RegistrationRequest.OPEN:
            return self._too_late(request, pk)
        form = ActivateForm(row, request.POST)
        if not form.is_valid():
            for told in form.errors.values():
                messages.error(request, " ".join(map(str, told)))
            ticked = {name: request.POST.getlist(name) for name in ActivateForm.base_fields}
            request.session[TICKS] = {"pk": pk} | ticked
            return self._to_record(pk)
        clerk, client_ip = who(request), request.META["REMOTE_ADDR"]
        try:
            done = desk_two.activate(row, by=clerk, client_ip=client_ip, seen=form.seen(), words=form.words())
        except decisions.AlreadyDecided:
            return self._too_late(request, pk)
        except documents.ChangedMeanwhile:
            return self._changed(request, pk)
        except desk_two.NotYours as refused:
            self.message_user(request, str(refused), messages.WARNING)
            return self._to_record(pk)
        self.message_user(request, done, messages.SUCCESS)
        return self._to_record(pk)

    def correct(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._get_to_decide(request, pk)
        if row.status != RegistrationRequest.Status.MISMATCH:
            return self._too_late(request, pk)
        form = CorrectForm(row, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            clerk, client_ip = who(request), request.META["REMOTE_ADDR"]
            told, level = _("The corrections are kept. Tick them off to activate the request."), messages.SUCCESS
            try:
                kept = {"values": form.values(), "words": form.words(), "mark": form.cleaned_data["mark"]}
                corrections.correct(pk, by=clerk, client_ip=client_ip, **kept)
            except decisions.AlreadyDecided:
                return self._too_late(request, pk)
            except documents.ChangedMeanwhile:
                return self._changed(request, pk)
            except corrections.NothingChanged:
                told, level = _("Nothing was changed: the request has this already."), messages.WARNING
            self.message_user(request, told, level)
            return self._to_record(pk)
        return self._form_page(request, "correct", _("Correct from the documents"), row, form)

    def reject(self, request: HttpRequest, pk: int) -> HttpResponse:
        row = self._get_to_decide(request, pk)
        if row.status not in RegistrationRequest.OPEN:
            return self._too_late(request, pk)
        form = RejectForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                decisions.reject(pk, by=who(request), words=form.text(), client_ip=request.META["REMOTE_ADDR"])
            except decisions.AlreadyDecided:
                return self._too_late(request, pk)
            self.message_user(request, _("The request is refused; the citizen gets a text message"), messages.SUCCESS)
            return self._to_record(pk)
        return self._form_page(request, "reject", _("Refuse the request"), row, form)


def _ticks(request: HttpRequest, pk: int) -> dict[str, Any]:
    """What was ticked on this record a moment ago, when something was missing: it is shown once more, once."""
    kept = request.session.pop(TICKS, {})
    if kept.get("pk") != pk:
        return {}
    several = {"documents", "compared"}
    return {name: value if name in several else "".join(value)[:200] for name, value in kept.items() if name != "pk"}
