"""The registration form: formtools draws and orders the steps, the rows decide how far a citizen is."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe
from formtools.wizard.views import SessionWizardView

from accounts.passwords import rules as password_rules
from accounts.passwords.hasher import LaneFull
from accounts.sign_in import devices
from infra.limits import LimitReached
from iran import waits
from iran.numbers import local_mobile, mask_mobile
from registration.lifecycle import draft as saved_draft
from registration.lifecycle import submission
from registration.models import RegistrationRequest
from registration.pages.nearest_branches import branches_of
from registration.wizard import review
from registration.wizard import session as wizard_session
from registration.wizard.eservices_forms import EservicesAccountForm
from registration.wizard.flows import ACCOUNT, ACTIVATION, CONTACT, FLOWS, IDENTITY, REVIEW, Flow
from registration.wizard.forms import as_typed
from sms.otp import asked, tries
from sms.otp import challenge as otp

RUN_OUT = gettext_lazy("Your time has run out, or this form was opened elsewhere. Please begin again.")


@method_decorator([login_not_required, sensitive_post_parameters()], name="dispatch")
class RegistrationWizard(SessionWizardView):  # type: ignore[misc]  # formtools is untyped
    """One wizard for every flow; `flow` comes from the address. Its 22 traps and our answers: docs/decisions/0004."""

    storage_name = "registration.wizard.storage.NoStorage"
    flow: Flow
    draft: RegistrationRequest | None

    def get_prefix(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return "registration"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.flow = FLOWS[kwargs.pop("flow")]
        self.form_list = dict(self.flow.steps)
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
        goto = self.request.POST.get("wizard_goto_step")
        if goto is not None:
            if goto not in self.flow.steps:
                raise SuspiciousOperation("a step that does not exist")
            return self._to_step(goto if self._may_show(goto) else "")
        posted = self.request.POST.get("registration-current_step")
        if posted not in self.flow.steps:
            raise SuspiciousOperation("a step that does not exist")
        if not self.flow.may_answer(posted, self.draft):
            return self._out_of_turn()
        if self.draft and self.request.POST.get(f"{posted}-draft_mark", "") not in (
            "",
            wizard_session.mark(self.draft),
        ):
            return self._of_another_draft()
        self.storage.current_step = posted
        if "identity-show_cities" in self.request.POST and posted == IDENTITY:
            return self.render(as_typed(self.get_form(data=self.request.POST), self.get_form()), cities_listed=True)
        response: HttpResponse = super().post(*args, **kwargs)
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

    def _say_it_is_over(self) -> None:
        wizard_session.forget_draft(self.request.session, self.flow.name)
        messages.warning(self.request, RUN_OUT)

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
        saved = saved_draft.answers_of(self.draft) if step in (IDENTITY, ACCOUNT) else {}
        return {"draft_mark": wizard_session.mark(self.draft)} | saved

    def process_step(self, form: Form) -> None:
        """Called once for each valid answer: the place of effects. Nothing goes into the session but the row's id.

        What an effect finds wrong becomes an error of the form, and `render_next_step` shows the step once more.
        """
        step = self.steps.current
        if step == CONTACT:
            self._begin(form)
        elif step == ACTIVATION:
            if self.draft and ACCOUNT in self.flow.steps:  # elsewhere nothing is saved before the end
                saved_draft.resume(self.draft)
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
            messages.info(
                self.request, _("Because a name or the date of birth has changed, choose your password once more.")
            )

    @sensitive_variables()
    def render(self, form: Form | None = None, **kwargs: Any) -> HttpResponse:
        """On a page of the account step with an error elsewhere, a good password is kept as a hash, if nobody waits."""
        if isinstance(form, EservicesAccountForm) and self.draft and form.is_bound:
            password = form.good_password
            if password and saved_draft.keep_password(self.draft, password, self._client_ip):
                form.keep_password()
        response: HttpResponse = super().render(form, **kwargs)
        return waits.answered(form, response) if form else response

    def _begin(self, form: Form) -> None:
        """A new draft and a code, unless the open draft asks for just the same."""
        try:
            draft = submission.start(self.draft, flow=self.flow.name, client_ip=self._client_ip, **form.cleaned_data)
        except submission.AlreadyRequested:
            form.add_error("national_code", ValidationError(submission.TAKEN, code="taken"))
            return
        if isinstance(draft, LimitReached):
            form.add_error(None, waits.refusal(draft))
            return
        if draft != self.draft:
            # A new key: a stranger who knew the old one is shut out. Here and not when the code is confirmed: if that
            # answer is lost on the way, or the button is clicked twice, the second try must find its session.
            self.request.session.cycle_key()
            wizard_session.keep_draft(self.request.session, draft)
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
            form.add_error(None, submission.TAKEN)
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
        context |= {
            "flow": self.flow.name,
            "draft": draft,
            "step_number": self.flow.numbers[step],
            "step_names": self.flow.titles,
            "back_url": None if step == CONTACT else self._address_of(self.flow.before(step)),
        }
        if step == CONTACT and draft is None and wizard_session.received(self.request.session, self.flow.name):
            context["received_url"] = self._address("received")  # for who pressed Back after the last step
        if step == ACTIVATION and draft:
            told = asked.of(draft.challenge, draft)
            context |= {
                "resend_url": self._address("resend"),
                "call_url": self._address("call") if told.may_call else None,
                "change_url": self._address_of(CONTACT),
                "resend_after": told.resend_after,
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

    @property
    def _client_ip(self) -> str:
        return str(self.request.META["REMOTE_ADDR"])

    def _address(self, name: str) -> str:
        return reverse(f"registration:{self.flow.name}-{name}")

    def _address_of(self, step: str) -> str:
        return f"{self._address('registration')}?step={step}"

    def _to_step(self, step: str = "") -> HttpResponseRedirect:
        return HttpResponseRedirect(self._address_of(step) if step else self._address("registration"))


@login_not_required
@require_POST
def resend(request: HttpRequest, flow: str, *, by_voice: bool = False) -> HttpResponse:
    """Send the activation code again, as a text or, where texts do not arrive, by a telephone call."""
    draft = wizard_session.open_draft(request.session, flow)
    if draft is None:
        messages.warning(request, RUN_OUT)
    elif draft.challenge.confirmed_at is None:
        limit = submission.resend_code(draft, str(request.META["REMOTE_ADDR"]), by_voice=by_voice)
        devices.keep_challenge(request.session, draft.challenge)
        if limit:
            messages.warning(request, waits.explained(limit))
        else:
            messages.success(
                request, _("You will be called and told the code") if by_voice else _("The code was sent again")
            )
    return redirect(f"registration:{flow}-registration")


@login_not_required
@require_safe
def received(request: HttpRequest, flow: str) -> HttpResponse:
    """The closing message with the tracking code; for the browser that submitted the request."""
    submitted = wizard_session.received(request.session, flow)
    if submitted is None:
        return redirect(f"registration:{flow}-registration")
    context = {
        "flow": flow,
        "submitted": submitted,
        "mobile": mask_mobile(submitted.mobile),
        "branches": branches_of(submitted.city),
    }
    return render(request, "registration/received.html", context)
