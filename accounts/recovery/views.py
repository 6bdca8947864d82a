"""The pages of the password recovery. How far a browser is, its run's row decides; jumping leads nowhere."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import RecoveryRun, User
from accounts.passwords import budget
from accounts.passwords import rules as password_rules
from accounts.passwords.form import NewPasswordForm
from accounts.passwords.hasher import LaneFull
from accounts.recovery import flow as recovery
from accounts.recovery.flow import Over, Step
from accounts.recovery.forms import AnewForm, AnswersForm, RecoverForm
from accounts.sign_in import devices, staying
from infra.limits import LimitReached
from iran import waits
from sms.otp import session as otp_session
from sms.otp.form import OtpForm, code_page

DONE = "recovered"  # in the session: the closing page is for who got there
PAGES = {
    Step.CODE: "accounts:recover-code",
    Step.ANSWERS: "accounts:recover-answers",
    Step.PASSWORD: "accounts:recover-password",
    Step.ANEW: "accounts:recover-anew",
}
ORDER = list(Step)
WHY = {
    Over.TIME: _("Your time has run out. Please begin again."),
    Over.CHANGED: _("The account was changed elsewhere meanwhile. Please begin again."),
    Over.ENDED: _("This recovery has ended. Please begin again."),
}

View = Callable[[HttpRequest], HttpResponse]
StepView = Callable[[HttpRequest, RecoveryRun], HttpResponse]


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    form = RecoverForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        limit = recovery.begin(request.session, form.cleaned_data["national_code"], request.META["REMOTE_ADDR"])
        if limit is None:
            return redirect(PAGES[Step.CODE])
        form.add_error(None, waits.refusal(limit))
    return waits.answered(form, render(request, "accounts/recover.html", {"form": form}))


def _say_why_over(request: HttpRequest) -> None:
    if why := recovery.why_over(request.session):
        del request.session[recovery.KEPT]
        messages.warning(request, str(WHY[why]))


def _begin_again(request: HttpRequest) -> HttpResponse:
    _say_why_over(request)
    return redirect("accounts:recover")


def _page_of(step: Step) -> Callable[[StepView], View]:
    """Who is further is led on; who has not come so far begins at the beginning."""

    def decorate(view: StepView) -> View:
        @login_not_required
        @sensitive_post_parameters()
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def page(request: HttpRequest) -> HttpResponse:
            run = recovery.open_run(request.session)
            if run is None:
                _say_why_over(request)
            reached = recovery.step(run) if run else None
            if run is None or reached is None or ORDER.index(reached) < ORDER.index(step):
                return redirect("accounts:recover")
            if reached is not step:
                return redirect(PAGES[reached])
            try:
                return view(request, run)
            except recovery.RunEnded:
                return _begin_again(request)

        return page

    return decorate


@_page_of(Step.CODE)
def code(request: HttpRequest, run: RecoveryRun) -> HttpResponse:
    """The same page for every national code, also when no code was sent."""
    form = OtpForm(request.POST if request.method == "POST" else None, challenge=run.challenge)
    if form.is_valid():
        request.session.cycle_key()  # a stranger who knew the key before the code was confirmed is shut out
        return redirect(PAGES[Step.ANSWERS])  # which leads on where a branch permits it
    context = {"form": form, **code_page(run.challenge, request.session), **_ending(run)}
    return waits.answered(form, render(request, "accounts/recover_code.html", context))


def _ending(run: RecoveryRun) -> dict[str, Any]:
    """What the warning before the end of a run needs."""
    return {"proof_left": recovery.seconds_left(run), "stay_url": "accounts:recover-stay"}


@login_not_required
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """The answer to the warning before a run ends."""
    run = recovery.open_run(request.session)
    if run is None:
        return _begin_again(request)
    recovery.stay(run)
    return staying.answered(request, recovery.seconds_left(run), PAGES[recovery.step(run)])


@login_not_required
@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    run = recovery.open_run(request.session)
    if run is None:
        return _begin_again(request)
    if recovery.step(run) is Step.CODE:
        try:
            limit = recovery.resend(run, request.META["REMOTE_ADDR"])
        except recovery.RunEnded:
            return _begin_again(request)
        if limit:
            messages.warning(request, waits.explained(limit))
        else:
            otp_session.sent(request.session)
            messages.success(request, gettext("If this national code has an active account, the code was sent again."))
    return redirect(PAGES[recovery.step(run)])


@_page_of(Step.ANSWERS)
def answers(request: HttpRequest, run: RecoveryRun) -> HttpResponse:
    user = _owner(run)
    answered = request.POST if request.method == "POST" else None
    form = AnswersForm(answered, run=run, user=user, questions=recovery.questions(user))
    if form.is_valid() and form.verdict is recovery.Verdict.RIGHT:
        request.session.cycle_key()
        return redirect(PAGES[Step.PASSWORD])
    if form.verdict is recovery.Verdict.OVER:
        del request.session[recovery.KEPT]
        messages.warning(request, gettext("The answers were wrong three times. You can begin again."))
        return redirect("accounts:recover")
    if request.method != "POST":
        try:
            recovery.check_not_stopped(user)
        except LimitReached as limit:
            messages.warning(request, waits.explained(limit))
    return waits.answered(form, render(request, "accounts/recover_answers.html", {"form": form, **_ending(run)}))


@_page_of(Step.PASSWORD)
def password(request: HttpRequest, run: RecoveryRun) -> HttpResponse:
    user = _owner(run)
    if request.method == "POST":
        budget.count(f"recovery {run.pk}", request.META["REMOTE_ADDR"])
    form = NewPasswordForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        try:
            recovery.finish(run, user, form.cleaned_data["password1"])
        except LaneFull as full:
            form.add_error(None, full)
        else:
            return _finished(request, run, user)
    context = {"form": form, "owner": user, "password_rules": password_rules.RULES, **_ending(run)}
    return render(request, "accounts/recover_password.html", context)


@_page_of(Step.ANEW)
def anew(request: HttpRequest, run: RecoveryRun) -> HttpResponse:
    """Where a branch has started the recovery: password and questions on one page."""
    user = _owner(run)
    if request.method == "POST":
        budget.count(f"recovery {run.pk}", request.META["REMOTE_ADDR"])
    form = AnewForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        try:
            recovery.finish_anew(run, user, form.cleaned_data["password1"], form.chosen(), form.answers())
        except LaneFull as full:
            form.add_error(None, full)
        else:
            return _finished(request, run, user)
    context = {"form": form, "owner": user, "password_rules": password_rules.RULES, **_ending(run)}
    return render(request, "accounts/recover_anew.html", context)


def _finished(request: HttpRequest, run: RecoveryRun, user: User) -> HttpResponse:
    request.session.flush()
    request.session[DONE] = True
    devices.keep_challenge(request.session, run.challenge, user.security_version)
    return redirect("accounts:recover-done")


@login_not_required
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    if not request.session.get(DONE):
        return redirect("accounts:recover")
    return render(request, "accounts/recover_done.html")


def _owner(run: RecoveryRun) -> User:
    assert run.user is not None  # noqa: S101  a run without an account never gets past its code
    return run.user
