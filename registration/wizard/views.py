"""The registration form: formtools draws and orders the steps, the rows decide how far a citizen is."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts.passwords import rules as password_rules
from accounts.passwords.hasher import LaneFull
from accounts.sign_in import devices
from infra.limits import LimitReached
from iran import waits
from iran.numbers import local_mobile
from registration.figures import field_errors
from registration.lifecycle import draft as saved_draft
from registration.lifecycle import submission, taken
from registration.models import RegistrationRequest
from registration.wizard import coming, leaving, review
from registration.wizard import session as wizard_session
from registration.wizard.account_form import RENAMED, AccountForm
from registration.wizard.flows import ACCOUNT, ACTIVATION, CONTACT, FLOWS, IDENTITY, REVIEW
from registration.wizard.forms import IdentityForm
from registration.wizard.leaving import LeavingWizard
from sms.otp import asked, tries
from sms.otp import challenge as otp

# Buttons of the page of the identity, for browsers without a script: each asks for a list.
SHOW_COUNTRIES, SHOW_CITIES = "identity-show_countries", "identity-show_cities"


@method_decorator([login_not_required, sensitive_post_parameters()], name="dispatch")
class RegistrationWizard(LeavingWizard):
    """One wizard for every flow; `flow` comes from the address. Its 22 traps and our answers: docs/decisions/0004."""

    storage_name = "registration.wizard.storage.NoStorage"
    taken: str | None = None  # the national code that was just told to have a request

    def get_prefix(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return "registration"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.flow = FLOWS[kwargs.pop("flow")]
        self.form_list = dict(self.flow.steps)
        self.is_refused = kwargs.pop("is_refused", False)
        also = wizard_session.also_read(request)
        self.draft = wizard_session.open_draft(request.session, self.flow.name, also)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Resume, never reset; `?step=` shows an earlier step again."""
        if self.draft is None and wizard_session.had_draft(request.session, self.flow.name):
            if wizard_session.adopt_submitted(request.session, self.flow.name):
                return redirect(self._address("received"))
            self._say_it_is_over()
        step = request.GET.get("step", "")
        self.storage.current_step = step if self._may_show(step) else self.flow.open_step(self.draft)
        response: HttpResponse = self.render(self.get_form())
        return response

    def _may_show(self, step: str) -> bool:
        confirmed = self.draft is not None and self.draft.challenge.confirmed_at is not None
        return self.flow.may_answer(step, self.draft) and not (step == ACTIVATION and confirmed)

    @sensitive_variables()  # formtools and Django's forms have the password in their variables
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Only the open step or an earlier one may be answered; everything else leads back to the open step."""
        posted = self.request.POST.get("registration-current_step")
        if self.is_refused:
            return self._refused(posted)
        if leaving.is_leaving(self.request.POST):
            return self._leave(posted)
        if posted not in self.flow.steps:
            raise SuspiciousOperation("a step that does not exist")
        if self.draft is None and (left_open := self._keep_left_open(posted)):
            return self._wake(left_open)
        if not self.flow.may_answer(posted, self.draft):
            return self._out_of_turn()
        if self.draft and (named := self._named(posted)) and not wizard_session.is_marked(self.draft, named):
            return self._of_another_draft()
        self.storage.current_step = posted
        if self.draft:
            coming.note(self.request, self.draft)
        if posted == IDENTITY and {SHOW_COUNTRIES, SHOW_CITIES} & self.request.POST.keys():
            return self._with_lists()
        response: HttpResponse = super().post(*args, **kwargs)
        return response

    def _with_lists(self) -> HttpResponse:
        """The page of the identity once more, with a list that it was asked for; what is typed is not judged."""
        form = self._as_typed()
        if isinstance(form, IdentityForm) and SHOW_COUNTRIES in self.request.POST:
            form.list_countries()
        response: HttpResponse = self.render(form, listed=True)
        return response

    def _out_of_turn(self) -> HttpResponse:
        """A step that is not open: a double click on the last button, a session that ended, an old tab, a forgery."""
        session, flow = self.request.session, self.flow.name
        if self.draft:
            messages.warning(self.request, _("Please complete this step first."))
        elif wizard_session.adopt_submitted(session, flow) or (
            not wizard_session.had_draft(session, flow) and wizard_session.received(session, flow)
        ):
            return redirect(self._address("received"))
        else:
            self._say_it_is_over()
        return self._to_step()

    def _of_another_draft(self) -> HttpResponse:
        """A page that was left open in one tab while the registration of somebody else was begun in another."""
        messages.warning(
            self.request, _("Another registration was begun in this browser meanwhile. Please continue here.")
        )
        return self._to_step()

    def get_form_kwargs(self, step: str | None = None) -> dict[str, Any]:
        if step == ACTIVATION and self.draft:
            return {"challenge": self.draft.challenge, "seen": tries.seen(self.draft.challenge, self.draft)}
        return {} if step == CONTACT else {"draft": self.draft}

    def get_form_initial(self, step: str) -> dict[str, Any]:
        if self.draft is None:
            return {}
        if step == CONTACT:
            shown = {"national_code": self.draft.national_code, "operator": self.draft.operator}
            return shown | {"mobile": local_mobile(self.draft.mobile)}
        saved = saved_draft.answers_of(self.draft, step) if step in leaving.STEPS else {}
        return {"draft_mark": wizard_session.mark(self.draft)} | saved

    def process_step(self, form: Form) -> None:
        """Called once for each valid answer: the place of effects. Nothing goes into the session but the row's id.

        What an effect finds wrong becomes an error of the form, and `render_next_step` shows the step once more.
        """
        step = self.steps.current
        if step == CONTACT:
            self._begin(form)
        elif step == ACTIVATION:
            if self.draft:
                saved_draft.resume(self.draft, wizard_session.before(self.request.session, self.flow.name))
        elif step != self.steps.last and self.draft:
            try:
                self._save(step, self.draft, form.cleaned_data)
            except LaneFull as full:
                form.add_error(None, full)

    @sensitive_variables()
    def _save(self, step: str, draft: RegistrationRequest, answers: dict[str, Any]) -> None:
        """A step in the middle: its answers go into the draft's row."""
        if step == ACCOUNT:
            saved_draft.count_hashes(draft, self._client_ip)
            saved_draft.save_account(draft, answers, self.flow.questions)
        elif saved_draft.save_identity(draft, answers):
            messages.info(self.request, str(RENAMED))

    @sensitive_variables()
    def render(self, form: Form | None = None, **kwargs: Any) -> HttpResponse:
        """On a page of the account step with an error elsewhere, a good password is kept as a hash, if nobody waits."""
        if isinstance(form, AccountForm) and self.draft and form.is_bound:
            password = form.good_password
            if password and saved_draft.keep_password(self.draft, password, self._client_ip, form.judged_by):
                form.keep_password()
        if form and form.is_bound:
            field_errors.note(self.steps.current, form.errors.as_data())
        response: HttpResponse = super().render(form, **kwargs)
        return waits.answered(form, response) if form else response

    def _begin(self, form: Form) -> None:
        """A new draft and a code, unless the open draft, or the one before it, asks for just the same."""
        before = wizard_session.previous(self.request.session, self.flow.name, form.cleaned_data) or self.draft
        try:
            draft = submission.start(before, flow=self.flow.name, client_ip=self._client_ip, **form.cleaned_data)
        except submission.AlreadyRequested:
            self.taken = form.cleaned_data["national_code"]
            form.add_error("national_code", taken.why(self.taken))
            return
        if isinstance(draft, LimitReached):
            form.add_error(None, waits.refusal(draft))
            return
        if draft != self.draft:
            self._hold(draft, self.draft)
        coming.note(self.request, draft, self.draft)
        devices.keep_challenge(self.request.session, draft.challenge)

    def render_next_step(self, form: Form, **kwargs: Any) -> HttpResponse:
        return self._to_step() if form.is_valid() else self.render(form)

    def render_done(self, form: Form, **kwargs: Any) -> HttpResponse:
        """The last step. Earlier ones are not validated again: their answers are in the row, the code is confirmed."""
        draft, answers = self.draft, form.cleaned_data
        if draft is None:
            return self._out_of_turn()
        fields: dict[str, Any] = {}
        if self.steps.current == IDENTITY:  # the three-step form ends here, the other one has everything in its row
            saved_draft.count_hashes(draft, self._client_ip)
            try:
                hashed = submission.account_fields(answers, self.flow.questions)
            except LaneFull as full:
                form.add_error(None, full)
                return self.render(form)
            fields = submission.identity_fields(answers) | hashed
        try:
            submission.submit(draft, fields, self._client_ip)
        except submission.AlreadyRequested:
            form.add_error(None, taken.why(draft.national_code))
            return self.render(form)
        except submission.DraftClosed:
            if not submission.is_submitted(draft):
                return self._to_step()
            # Else the other click of a double click was faster.
        wizard_session.keep_received(self.request.session, draft)
        return redirect(self._address("received"))

    def get_template_names(self) -> list[str]:
        return [f"registration/{self.steps.current}.html"]

    def get_context_data(self, form: Form, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(form=form, **kwargs)
        step, draft = self.steps.current, self.draft
        caller = coming.caller(self.request, draft)
        context |= {
            "caller": caller,
            "flow": self.flow.name,
            "draft": draft,
            "step_number": self.flow.numbers[step],
            "step_names": self.flow.titles,
            "back_url": None if step == CONTACT else self._address_of(self.flow.before(step)),
            "back_step": self.flow.before(step) if step in leaving.STEPS else None,
        }
        if draft:
            context["stays"] = (wizard_session.seconds_left(self.request.session), saved_draft.seconds_left(draft))
        if step == CONTACT:
            context["sign_in_url"] = coming.sign_in(self.request, draft, caller)
        if step == CONTACT and draft and self.flow.open_step(draft) != CONTACT:
            context["forward_url"] = self._address("registration")
        if step == CONTACT and draft is None:  # for who pressed Back after the last step, or whose last answer was lost
            sent = wizard_session.sent(self.request.session, self.flow.name)
            if sent and self.taken in (None, sent.national_code):
                context["received_url"] = self._address("received")
        if step == ACTIVATION and draft:
            told = asked.of(draft.challenge, draft)
            context |= {
                "resend_url": self._address("resend"),
                "call_url": self._address("call") if told.may_call else None,
                "change_url": self._address_of(CONTACT),
                "resend_after": told.resend_after,
                "arrival": told.arrival,
                "is_dead": otp.is_dead(draft.challenge),
                "code_minutes": otp.CODE_LIFETIME.seconds // 60,
            }
        if step in (IDENTITY, ACCOUNT) and draft:
            context |= {
                "national_code": draft.national_code,
                "mobile": draft.mobile,
                "password_rules": password_rules.RULES,
            }
        if step == REVIEW and draft:
            context["sections"] = review.sections(draft, self._address_of)
        return context
