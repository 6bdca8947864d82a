"""The pages of a legal change of an account's identity: entered by one person, confirmed or refused by another; and the
list of those that wait."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.errands import identity
from accounts.errands.errand import NotPossible
from accounts.models import AccountEvent, IdentityChange, User
from registration.desk.accounts import record
from registration.desk.accounts.acts import CONFIRM, IDENTITY, SERVE, WHY_NOT
from registration.desk.accounts.forms import AGREED, REFUSED, DecideForm, IdentityChangeForm
from registration.desk.accounts.pages import NAME, AccountPages, errand_of
from registration.desk.record import Text
from registration.desk.search import CAP
from registration.desk.who import who

QUEUE = _("Changes of identities that wait")


class IdentityPages(AccountPages):
    """A part of AccountAdmin."""

    def identity_urls(self) -> list[URLPattern]:
        queue = self.admin_site.admin_view(require_safe(self.identity_queue))
        return [
            path("waiting/", queue, name=f"{NAME}waiting"),
            self.errand_url("identity", self.identity, "identity"),
            self.errand_url("identity/confirm", self.identity_confirm, "identityconfirm"),
            self.errand_url("identity/refuse", self.identity_refuse, "identityrefuse"),
        ]

    def identity(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.account(request, pk, SERVE, identity.STATES)
        if identity.waiting(user):
            raise identity.AlreadyWaiting
        form = IdentityChangeForm(user, _posted(request))
        if form.is_valid():
            try:
                identity.enter(pk, errand_of(request, form), form.values())
            except identity.NothingChanged:
                messages.warning(request, _("Nothing was changed: the account has this already."))
            else:
                messages.success(request, _("The change is kept. The account has it once a supervisor confirms it."))
            return self.to_record(pk)
        return self.form_page(request, "identity", IDENTITY, user, form)

    def identity_confirm(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.account(request, pk, CONFIRM, identity.STATES)
        change = _waiting(user)
        if change.entered_by_id == who(request).pk:
            messages.warning(request, WHY_NOT[AccountEvent.Kind.IDENTITY_ENTERED])
            return self.to_record(pk)
        form = DecideForm(user, change, AGREED, _posted(request), documents=True)
        if form.is_valid():
            identity.confirm(pk, errand_of(request, form), form.cleaned_data["change_id"])
            messages.success(request, _("The identity is changed; the owner gets a text message"))
            return self.to_record(pk)
        return self._about(request, "identity_confirm", _("Confirm the change of the identity"), user, form)

    def identity_refuse(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = self.looked_at(request, pk, SERVE)
        change = _waiting(user)
        if not record.change(change, who(request))["refuse"]:
            raise PermissionDenied
        form = DecideForm(user, change, REFUSED, _posted(request))
        if form.is_valid():
            identity.refuse(pk, errand_of(request, form), form.cleaned_data["change_id"])
            messages.success(request, _("The change is refused; the account stays as it is"))
            return self.to_record(pk)
        return self._about(request, "identity_refuse", _("Refuse the change of the identity"), user, form)

    def _about(self, request: HttpRequest, template: str, title: Text, user: User, form: DecideForm) -> HttpResponse:
        shown = record.change(form.change, who(request))
        return self.form_page(request, template, title, user, form, waiting=shown)

    def identity_queue(self, request: HttpRequest) -> HttpResponse:
        """Masked, as every list is."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = identity.queue(who(request)).select_related("account", "entered_by")[:CAP]
        return self.page(request, "waiting", QUEUE, rows=rows)


def _waiting(user: User) -> IdentityChange:
    """Raises NotPossible."""
    change = identity.waiting(user)
    if change is None:
        raise NotPossible
    return change


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
