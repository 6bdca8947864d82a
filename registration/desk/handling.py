"""The buttons by which colleagues divide their work: take, hand back, note, told."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts.models import User
from registration.lifecycle import decisions, events, handling, reaching
from registration.models import RegistrationRequest

NAME = "registration_registrationrequest_"


class NoteForm(forms.Form):
    words = forms.CharField(
        max_length=events.LONGEST,
        error_messages={
            "required": _("Write the note first"),
            "max_length": _("The note must be 300 characters or less"),
        },
    )


class Handling:
    """A part of RequestAdmin."""

    if TYPE_CHECKING:
        admin_site: Any

        def asked_why(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]: ...
        def _get_to_decide(self, request: HttpRequest, pk: int) -> RegistrationRequest: ...
        def _to_record(self, request: HttpRequest, pk: int | str) -> HttpResponse: ...
        def _too_late(self, request: HttpRequest, pk: int) -> HttpResponse: ...

    def handling_urls(self) -> list[URLPattern]:
        wrap, why = self.admin_site.admin_view, self.asked_why
        return [
            path("<int:pk>/take/", wrap(require_POST(why(self.take))), name=f"{NAME}take"),
            path("<int:pk>/hand-back/", wrap(require_POST(why(self.hand_back))), name=f"{NAME}handback"),
            path("<int:pk>/note/", wrap(require_POST(why(self.note))), name=f"{NAME}note"),
            path("<int:pk>/told/", wrap(require_POST(why(self.told))), name=f"{NAME}told"),
        ]

    def take(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._get_to_decide(request, pk)
        shown = request.POST.get("instead_of", "")
        instead_of = int(shown) if shown.isascii() and shown.isdecimal() and len(shown) < 19 else None
        try:
            handling.take(pk, by=_who(request), client_ip=request.META["REMOTE_ADDR"], instead_of=instead_of)
        except decisions.AlreadyDecided:
            return self._too_late(request, pk)
        except handling.TakenMeanwhile:
            return self._meanwhile(request, pk)
        return self._to_record(request, pk)

    def hand_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._get_to_decide(request, pk)
        try:
            handling.hand_back(pk, by=_who(request), client_ip=request.META["REMOTE_ADDR"])
        except handling.TakenMeanwhile:
            return self._meanwhile(request, pk)
        return self._to_record(request, pk)

    def note(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._get_to_decide(request, pk)
        form = NoteForm(request.POST)
        if form.is_valid():
            words = " ".join(form.cleaned_data["words"].split())
            handling.note(pk, by=_who(request), client_ip=request.META["REMOTE_ADDR"], words=words)
            messages.success(request, _("The note is kept"))
        else:
            messages.error(request, str(form.errors["words"][0]))
        return self._to_record(request, pk)

    def told(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The citizen, whom no text message reached, knows the result now."""
        self._get_to_decide(request, pk)
        words = str(_("The citizen was told the result, which no text message had brought"))
        if reaching.told(pk, by=_who(request), client_ip=request.META["REMOTE_ADDR"], words=words):
            messages.success(request, _("The request is off the list of results that did not arrive"))
        return self._to_record(request, pk)

    def _meanwhile(self, request: HttpRequest, pk: int) -> HttpResponse:
        told = _("A colleague took this request, or handed it back, meanwhile. See who has it now.")
        messages.warning(request, told)
        return self._to_record(request, pk)


def _who(request: HttpRequest) -> User:
    return cast(User, request.user)  # the site lets nobody else in
