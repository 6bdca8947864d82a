"""The desk's pages of accounts: search, record, and a page for each errand. Nothing can be edited here."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.errands import identity, scope
from accounts.errands.errand import invited
from accounts.models import User
from accounts.templatetags.portal import ltr, masked_mobile, masked_national_code
from registration.desk import search as desk_search
from registration.desk.accounts import record, search
from registration.desk.accounts.acts import ACTS, Act, offered
from registration.desk.accounts.caller import CallerPages, verified
from registration.desk.accounts.elsewhere import FromElsewhere
from registration.desk.accounts.forms import ErrandForm
from registration.desk.accounts.identity import IdentityPages
from registration.desk.accounts.mobile import MobilePages
from registration.desk.accounts.pages import NAME, errand_of
from registration.desk.change_list import BoundedPaginator
from registration.desk.site import desk
from registration.desk.who import who
from registration.models import DeskSearch
from registration.pages.places import city_name

INVITED = _(
    "This person is invited to the staff of the desk. Until the enrolment is over or the invitation is withdrawn, "
    "nothing is done here with the account."
)


class AccountList(ChangeList):
    """Its search text may be a token of the clerk's session."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str | None] | None = None) -> QuerySet[Any]:
        self.query = desk_search.asked(request)
        return super().get_queryset(request, exclude_parameters)


@admin.register(User, site=desk)
class AccountAdmin(MobilePages, CallerPages, IdentityPages, FromElsewhere):
    """Citizens' accounts to look at and to do errands for."""

    list_display = ("owner", "national_code_end", "mobile_masked", "state", "place")
    search_fields = ()  # get_search_results knows better than "contains"
    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = list_max_show_all = 50
    sortable_by = ()
    actions = None
    fields = ()  # the record is drawn by registration.desk.accounts.record

    # ── who may ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return False  # never a column: it could be probed

    # ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return search.ORDER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AccountList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        return search.found(search_term, who(request)) if search_term else queryset.none(), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"title": self.opts.verbose_name_plural, **(extra_context or {})}
        response = super().changelist_view(request, context)
        desk_search.note_list(request, response, DeskSearch.Place.ACCOUNTS)
        return response

    @admin.display(description=_("owner"))
    def owner(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=_("national code"))
    def national_code_end(self, user: User) -> SafeString:
        return masked_national_code(user.national_code)

    @admin.display(description=_("mobile"))
    def mobile_masked(self, user: User) -> str:
        return ltr(masked_mobile(user.mobile)) if user.mobile else ""

    @admin.display(description=_("state"))
    def state(self, user: User) -> SafeString:
        return format_html('<span class="pill {}">{}</span>', record.pill(user), record.state_of(user))

    @admin.display(description=_("city"))
    def place(self, user: User) -> str:
        return city_name(user.city)

    # ── one account ───────────────────────────────────────────────────────────────────────────────────────────────────
    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: User | None = None,
    ) -> HttpResponse:
        if obj is not None:
            scope.viewed(obj, by=who(request), client_ip=request.META["REMOTE_ADDR"])
            waiting = identity.waiting(obj)
            context |= {
                "groups": record.groups(obj),
                "texts": record.messages(obj),
                "events": record.events(obj),
                "offered": offered(who(request), obj),
                "waiting": record.change(waiting, who(request)) if waiting else None,
                "invited": INVITED if invited(obj.pk) else "",
                "pill": record.pill(obj),
                "account_state": record.state_of(obj),
                **verified(obj, who(request)),
            }
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
        return self.to_record(object_id)

    # ── searches and errands ──────────────────────────────────────────────────────────────────────────────────────────
    def get_urls(self) -> list[URLPattern]:
        find = self.admin_site.admin_view(require_POST(self.find))
        return [
            path("find/", find, name=f"{NAME}find"),
            *(self.errand_url(act.name, self._errand(act), act.name) for act in ACTS),
            *self.mobile_urls(),
            *self.caller_urls(),
            *self.identity_urls(),
            *self.reach_urls(),
            *super().get_urls(),
        ]

    def find(self, request: HttpRequest) -> HttpResponse:
        """Searches are posted, since an address with a person's number in it stays in logs and browsers."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        typed = request.POST.get("q", "")
        query = {"q": desk_search.remember(request, typed)} if typed.strip() else {}
        address = reverse(f"admin:{NAME}changelist", current_app=self.admin_site.name)
        return HttpResponseRedirect(f"{address}?{urlencode(query)}" if query else address)

    def _errand(self, act: Act) -> Callable[..., HttpResponse]:
        def page(request: HttpRequest, pk: int) -> HttpResponse:
            user = self.account(request, pk, act.permission, act.states)
            answered = request.POST if request.method == "POST" else None
            form = ErrandForm(user, act.reasons, answered, documents=act.documents)
            if form.is_valid():
                act.do(pk, errand_of(request, form))
                messages.success(request, str(act.done))
                return self.to_record(pk)
            return self.form_page(request, "errand", act.title, user, form, act=act)

        return page
