"""What a page holds when somebody leaves it before it is sent: Back, another language, another tab, a closed browser.

It is kept unjudged in the draft's row, never a password or an answer, and stands in the page that comes back.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.urls import reverse
from django.utils import translation
from django.views.decorators.debug import sensitive_variables
from formtools.wizard.views import SessionWizardView

from accounts.passwords.field import PasswordField
from accounts.sign_in import devices
from iran import waits
from iran.typed import is_too_long
from registration.lifecycle import draft as saved_draft
from registration.lifecycle import submission, taken
from registration.models import RegistrationRequest
from registration.wizard import endings
from registration.wizard import session as wizard_session
from registration.wizard.flows import ACCOUNT, IDENTITY, Flow

KEEP = "registration-keep"  # of a POST by a script: keep what is typed, and the form open
GO_TO, LANGUAGE = "wizard_goto_step", "language"
STEPS = (IDENTITY, ACCOUNT)  # all that is typed elsewhere is saved by its own answer, or is a code


def is_leaving(post: QueryDict) -> bool:
    """Whether a POST is no answer to its step."""
    return any(verb in post for verb in (KEEP, GO_TO, LANGUAGE))


def keep(draft: RegistrationRequest, step: str, form: forms.Form) -> None:
    """Keep what was typed into the page of `step`; `form` is bound to it, and nothing of it is cleaned."""
    if step in STEPS and draft.challenge.confirmed_at is not None:
        saved_draft.keep_typed(draft, step, dict(_readable(form)))


def _readable(form: forms.Form) -> Any:
    """Name and text of each field that is no secret; what no field takes, for its length or a NUL, is left out."""
    for bound in form.visible_fields():
        if isinstance(bound.field, PasswordField) or bound.name.startswith("answer_"):
            continue
        parts = [part or "" for part in bound.data] if isinstance(bound.data, list) else [bound.data or ""]
        if any(parts) and not any(is_too_long(part) or "\0" in part for part in parts):
            yield bound.name, parts if isinstance(bound.data, list) else parts[0]


def as_typed(typed: forms.Form, blank: forms.Form) -> forms.Form:
    """`blank` with what was typed into the other form, but for passwords; nothing is judged yet."""
    shown = (field for field in typed.visible_fields() if field.widget_type != "password")
    blank.initial = {**blank.initial, **{field.name: field.data for field in shown}}
    return blank


def is_language(code: str) -> bool:
    return code in dict(settings.LANGUAGES)


def remember_language(response: HttpResponse, code: str) -> HttpResponse:
    """The browser's choice, as the switch of every page keeps it."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    response.headers["Content-Language"] = code
    return response


class LeavingWizard(SessionWizardView):  # type: ignore[misc]  # formtools is untyped
    """What the wizard does when a page is left, or was left open for too long; and where its steps are."""

    flow: Flow
    draft: RegistrationRequest | None
    is_refused = False  # a POST whose token is not right (tamin_portal.errors.csrf_failure)

    def _refused(self, posted: str | None) -> HttpResponse:
        """A page whose token is of no use any more, because somebody signed in in another tab: nothing is done with it,
        but it comes back with what was typed. Only for a page of the draft that this browser holds."""
        is_own = self.draft and posted in self.flow.steps and wizard_session.is_marked(self.draft, self._named(posted))
        if posted is None or not is_own or not self._may_show(posted):
            raise PermissionDenied
        self.storage.current_step = posted
        messages.warning(self.request, str(endings.REFUSED))
        page: HttpResponse = self.render(self._as_typed())
        page.status_code = 403
        return page

    @sensitive_variables()
    def _leave(self, posted: str | None) -> HttpResponse:
        """Keep what the page holds, unjudged; then show another step, or the same one in another language."""
        post = self.request.POST
        goto, language = post.get(GO_TO, ""), post.get(LANGUAGE, "")
        if (GO_TO in post and goto not in self.flow.steps) or posted not in (None, *self.flow.steps):
            raise SuspiciousOperation("a step that does not exist")
        if posted:
            self._keep(posted)
        if KEEP in post:
            seconds = wizard_session.seconds_left(self.request.session)
            return JsonResponse({"seconds": seconds}) if self.draft else HttpResponse(status=410)
        if not is_language(language):
            return self._to_step(goto if self._may_show(goto) else "")
        shown = posted if posted and self._may_show(posted) else ""
        if posted in STEPS or not shown:
            return remember_language(self._to_step(shown), language)
        self.storage.current_step = shown
        with translation.override(language):  # of the first steps nothing is kept
            page: HttpResponse = self.render(self._as_typed()).render()
        return remember_language(page, language)

    def _keep(self, posted: str) -> None:
        if self.draft is None:
            self._keep_left_open(posted)
        elif wizard_session.is_marked(self.draft, self._named(posted)) and self.flow.may_answer(posted, self.draft):
            keep(self.draft, posted, self.get_form(posted, data=self.request.POST))

    def _keep_left_open(self, posted: str) -> RegistrationRequest | None:
        """The draft of a page that this browser left open until its form was closed; what the page holds is kept."""
        draft = wizard_session.left_open(self.request.session, self.flow.name, self._named(posted))
        if draft is None or not self.flow.may_answer(posted, draft):
            return None
        self.draft = draft  # for its form
        keep(draft, posted, self.get_form(posted, data=self.request.POST))
        self.draft = None
        return draft

    def _wake(self, draft: RegistrationRequest) -> HttpResponse:
        """A page was sent after its form was closed: what it held is shown again after another code."""
        session, flow = self.request.session, self.flow.name
        try:
            limit = submission.prove_again(draft, self._client_ip)
        except submission.AlreadyRequested:
            wizard_session.forget_draft(session, flow)
            messages.warning(self.request, taken.why(draft.national_code).messages[0])
            return self._to_step()
        if limit:
            self._say_it_is_over()
            messages.warning(self.request, waits.explained(limit))
            return self._to_step()
        self._hold(draft)
        messages.info(self.request, str(endings.WOKEN))
        return self._to_step()

    def _hold(self, draft: RegistrationRequest, before: RegistrationRequest | None = None) -> None:
        # A new key: a stranger who knew the old one is shut out. Here and not when the code is confirmed: if that
        # answer is lost on the way, or the button is clicked twice, the second try must find its session.
        self.request.session.cycle_key()
        wizard_session.keep_draft(self.request.session, draft, before)
        devices.keep_challenge(self.request.session, draft.challenge)

    def _named(self, posted: str) -> str:
        """Which draft the page was opened for, as the page says."""
        return str(self.request.POST.get(f"{posted}-draft_mark", ""))

    def _as_typed(self) -> forms.Form:
        return as_typed(self.get_form(data=self.request.POST), self.get_form())

    def _say_it_is_over(self) -> None:
        messages.warning(self.request, str(endings.end(self.request.session, self.flow.name)))

    @property
    def _client_ip(self) -> str:
        return str(self.request.META["REMOTE_ADDR"])

    def _address(self, name: str) -> str:
        return reverse(f"registration:{self.flow.name}-{name}")

    def _address_of(self, step: str) -> str:
        return f"{self._address('registration')}?step={step}"

    def _to_step(self, step: str = "") -> HttpResponseRedirect:
        return HttpResponseRedirect(self._address_of(step) if step else self._address("registration"))
