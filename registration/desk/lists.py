"""The desk's lists of what is no request: branches, security questions, what was changed about the staff."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Branch, SecurityQuestion, StaffEvent, User
from accounts.templatetags.portal import isolated, masked_national_code, moment
from registration.desk import roles
from registration.desk.site import desk
from registration.pages.places import city_name, province_name

if TYPE_CHECKING:
    BranchAdminBase = admin.ModelAdmin[Branch]
    QuestionAdminBase = admin.ModelAdmin[SecurityQuestion]
    StaffEventAdminBase = admin.ModelAdmin[StaffEvent]
else:
    BranchAdminBase = QuestionAdminBase = StaffEventAdminBase = admin.ModelAdmin


class _NeverDeleted(BaseModelAdmin):  # type: ignore[type-arg]
    """Who may read or change these rows says registration.desk.roles; nobody deletes them: other rows refer to them."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return False  # the lists have no filters: whatever an address asks of a column is answered 400

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Branch, site=desk)
class BranchAdmin(_NeverDeleted, BranchAdminBase):
    list_display = ("name", "in_province", "in_city", "code", "phone")
    search_fields = ("name", "city", "code")
    search_help_text = _("Name, city or code")
    list_per_page = 50
    sortable_by = ()
    actions = None
    readonly_fields = ("in_province", "in_city")

    def get_fields(self, request: HttpRequest, obj: Branch | None = None) -> tuple[str, ...]:
        """Who may change a branch sees its values as they are kept; others in the language of their page."""
        place = ("province", "city") if self.has_change_permission(request, obj) else self.readonly_fields
        return ("code", "name", *place, "address", "phone", "hours")

    @admin.display(description=_("province"))
    def in_province(self, branch: Branch) -> str:
        return province_name(branch.province)

    @admin.display(description=_("city"))
    def in_city(self, branch: Branch) -> str:
        return city_name(branch.city)


@admin.register(SecurityQuestion, site=desk)
class QuestionAdmin(_NeverDeleted, QuestionAdminBase):
    list_display = ("text", "position", "offered")
    sortable_by = ()
    actions = None

    @admin.display(description=_("offered"))
    def offered(self, question: SecurityQuestion) -> Any:
        """In words: the mark of Django's admin is called “True”."""
        return _("yes") if question.is_offered else _("no")


@admin.register(StaffEvent, site=desk)
class StaffEventAdmin(_NeverDeleted, StaffEventAdminBase):
    """Written by the verbs of accounts whose events they are; nobody changes what has happened."""

    list_display = ("when", "who", "kind", "was", "became", "words", "by")
    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    sortable_by = ()
    actions = None
    fields = ("when", "who", "kind", "was", "became", "words", "by")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: StaffEvent | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffEvent]:
        return super().get_queryset(request).select_related("account", "actor").order_by("-pk")

    @admin.display(description=_("when"))
    def when(self, event: StaffEvent) -> SafeString:
        return moment(event.at)

    @admin.display(description=_("about"))
    def who(self, event: StaffEvent) -> SafeString:
        return _named(event.account)

    @admin.display(description=_("before"))
    def was(self, event: StaffEvent) -> Any:
        return roles.said(event.before)

    @admin.display(description=_("after"))
    def became(self, event: StaffEvent) -> Any:
        return roles.said(event.after)

    @admin.display(description=_("by"))
    def by(self, event: StaffEvent) -> Any:
        return _named(event.actor) if event.actor else _("an operator, on a terminal")


def _named(user: User) -> SafeString:
    return format_html("{} {}", isolated(user.get_full_name()), masked_national_code(user.national_code))
