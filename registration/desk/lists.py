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
from accounts.templatetags.portal import jalali_time, masked_national_code
from registration.desk.site import desk

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
    list_display = ("name", "province", "city", "code", "phone")
    search_fields = ("name", "city", "code")
    search_help_text = _("Name, city or code")
    list_per_page = 50
    sortable_by = ()
    actions = None


@admin.register(SecurityQuestion, site=desk)
class QuestionAdmin(_NeverDeleted, QuestionAdminBase):
    list_display = ("text", "position", "is_offered")
    sortable_by = ()
    actions = None


@admin.register(StaffEvent, site=desk)
class StaffEventAdmin(_NeverDeleted, StaffEventAdminBase):
    """Written by the verbs of accounts whose events they are; nobody changes what has happened."""

    list_display = ("when", "who", "kind", "before", "after", "words", "by")
    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    sortable_by = ()
    actions = None
    fields = ("when", "who", "kind", "before", "after", "words", "by")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: StaffEvent | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffEvent]:
        return super().get_queryset(request).select_related("account", "actor").order_by("-pk")

    @admin.display(description=_("when"))
    def when(self, event: StaffEvent) -> str:
        return jalali_time(event.at)

    @admin.display(description=_("about"))
    def who(self, event: StaffEvent) -> SafeString:
        return _named(event.account)

    @admin.display(description=_("by"))
    def by(self, event: StaffEvent) -> Any:
        return _named(event.actor) if event.actor else _("an operator, on a terminal")


def _named(user: User) -> SafeString:
    return format_html("{} {}", user.get_full_name(), masked_national_code(user.national_code))
