"""The desk's pages of services. tamin_portal puts them on the desk; who may what says registration.desk.roles."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.templatetags.portal import isolated, jalali_date, ltr, moment
from sso.desk import figures, services
from sso.desk.forms import ServiceForm
from sso.models import Service, ServiceEvent

if TYPE_CHECKING:
    ServiceAdminBase = admin.ModelAdmin[Service]
    EventAdminBase = admin.ModelAdmin[ServiceEvent]
else:
    ServiceAdminBase = EventAdminBase = admin.ModelAdmin

OPEN = "sso.open_service"
REASONS = {
    "no-secret": _("This service proves itself without a secret."),
    "same-person": _("Who has entered or changed a service does not open it: another person does."),
    "changed-meanwhile": _("The service was changed meanwhile. Read it anew before you open it."),
    "state": _("Only a service that waits for it can be opened."),
    "secret-missing": _("It has no secret yet."),
    "keys-missing": _("It has no keys yet."),
}


class ServiceAdmin(ServiceAdminBase):
    form = ServiceForm
    change_form_template = "admin/sso/service/change_form.html"
    change_list_template = "admin/sso/service/change_list.html"
    list_display = ("named", "identifier", "state", "sector", "keys")
    list_per_page = 50
    sortable_by = ()
    actions = None
    readonly_fields = ("client_id", "state")
    fields = ("client_id", "state", *ServiceForm.Meta.fields)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        """`seen`: the newest event of what is shown, read by the same statement."""
        newest = ServiceEvent.objects.filter(service=OuterRef("pk")).order_by("-pk").values("pk")[:1]
        return super().get_queryset(request).annotate(seen=Subquery(newest))

    @admin.display(description=_("name"))
    def named(self, service: Service) -> str:
        return service.name

    @admin.display(description=_("client_id"))
    def identifier(self, service: Service) -> SafeString:
        return ltr(service.client_id)

    @admin.display(description=_("its keys end on"))
    def keys(self, service: Service) -> Any:
        words = figures.end_of_keys(service)
        return words or isolated(jalali_date(service.keys_end_on)) or "–"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "own_keys_end": figures.end_of_own_keys()})

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        actor = cast(User, request.user)
        if change:
            services.change(obj, actor)
        else:
            services.enter(obj, actor)

    def log_addition(self, *args: Any, **kwargs: Any) -> Any:
        """The app's own events tell it."""

    def log_change(self, *args: Any, **kwargs: Any) -> Any:
        """The app's own events tell it."""

    def get_urls(self) -> list[Any]:
        acts: list[URLPattern] = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(require_POST(getattr(self, name))),
                name=f"sso_service_{name}",
            )
            for name in ("opened", "tested", "closed", "secret")
        ]
        return [*acts, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        service = kwargs.get("obj")
        context["may_open"] = request.user.has_perm(OPEN)
        context["events"] = service.events.select_related("actor") if service else []
        if service:
            context |= {"use": figures.of(service), "keys_end": figures.end_of_keys(service)}
        return super().render_change_form(request, context, *args, **kwargs)

    def opened(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._open(request, pk, test=False)

    def tested(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._open(request, pk, test=True)

    def _open(self, request: HttpRequest, pk: int, *, test: bool) -> HttpResponse:
        service, actor = self._asked(request, pk, OPEN)
        try:
            services.open_it(service, actor, request.POST.get("seen", ""), test=test)
        except services.RefusedError as refused:
            messages.warning(request, REASONS[refused.reason])
        return self._back(pk)

    def closed(self, request: HttpRequest, pk: int) -> HttpResponse:
        service, actor = self._asked(request, pk, OPEN)
        services.close(service, actor)
        return self._back(pk)

    def secret(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Shown in this answer and never again."""
        service, actor = self._asked(request, pk, "sso.change_service")
        try:
            secret = services.new_secret(service, actor)
        except services.RefusedError as refused:
            messages.warning(request, REASONS[refused.reason])
            return self._back(pk)
        context = {**self.admin_site.each_context(request), "service": service, "secret": secret, "title": service}
        return TemplateResponse(request, "admin/sso/service/secret.html", context)

    def _asked(self, request: HttpRequest, pk: int, permission: str) -> tuple[Service, User]:
        actor = cast(User, request.user)
        if not actor.has_perm(permission):
            raise PermissionDenied
        return get_object_or_404(Service, pk=pk), actor

    def _back(self, pk: int) -> HttpResponse:
        return redirect(reverse("admin:sso_service_change", args=[pk], current_app=self.admin_site.name))


class ServiceEventAdmin(EventAdminBase):
    """Written by sso.desk.services alone; nobody changes what has happened."""

    list_display = ("when", "service", "kind", "detail", "by")
    list_display_links = None
    list_per_page = 50
    show_full_result_count = False
    sortable_by = ()
    actions = None
    fields = ("when", "service", "kind", "detail", "by")
    readonly_fields = fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceEvent]:
        return super().get_queryset(request).select_related("service", "actor").order_by("-pk")

    @admin.display(description=_("when"))
    def when(self, event: ServiceEvent) -> SafeString:
        return moment(event.at)

    @admin.display(description=_("by"))
    def by(self, event: ServiceEvent) -> Any:
        return event.actor.get_full_name() if event.actor else _("an operator, on a terminal")
