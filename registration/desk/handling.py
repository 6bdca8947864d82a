"""The buttons by which colleagues divide their work: take, hand back, note, told."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from registration.desk.request_pages import NAME, RequestPages, typed_id
from registration.desk.who import who
from registration.desk.words import WordsField
from registration.lifecycle import decisions, events, handling, reaching


class NoteForm(forms.Form):
    words = WordsField(
        max_length=events.LONGEST,
        error_messages={
            "required": _("Write the note first"),
            "max_length": _("The note must be 300 characters or less"),
        },
    )


class Handling(RequestPages):
    """A part of RequestAdmin."""

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
        instead_of = typed_id(request.POST.get("instead_of", ""))
        try:
            handling.take(pk, by=who(request), client_ip=request.META["REMOTE_ADDR"], instead_of=instead_of)
        except decisions.AlreadyDecided:
            return self._too_late(request, pk)
        except handling.TakenMeanwhile:
            return self._meanwhile(request, pk)
        return self._to_record(pk)

    def hand_back(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._get_to_decide(request, pk)
        try:
            handling.hand_back(pk, by=who(request), client_ip=request.META["REMOTE_ADDR"])
        except handling.TakenMeanwhile:
            return self._meanwhile(request, pk)
        return self._to_record(pk)

    def note(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._get_to_decide(request, pk)
        form = NoteForm(request.POST)
        if form.is_valid():
            handling.note(pk, by=who(request), client_ip=request.META["REMOTE_ADDR"], words=form.cleaned_data["words"])
            messages.success(request, _("The note is kept"))
        else:
            messages.error(request, str(form.errors["words"][0]))
        return self._to_record(pk)

    def told(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The citizen, whom no text message reached, knows the result now."""
        self._get_to_decide(request, pk)
        words = str(_("The citizen was told the result, which no text message had brought"))
        if reaching.told(pk, by=who(request), client_ip=request.META["REMOTE_ADDR"], words=words):
            messages.success(request, _("The request is off the list of results that did not arrive"))
        return self._to_record(pk)
