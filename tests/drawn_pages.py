"""Every page of the citizens, drawn with a context made by hand: for tests of templates."""

from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from formtools.wizard.forms import ManagementForm

from accounts.models import BrowserSession, Device, RecoveryRun, SecurityQuestion, User
from accounts.passwords.form import NewPasswordForm
from accounts.passwords.rules import RULES
from accounts.profile.forms import ConfirmedForm, EmailForm, MobileForm, PasswordChangeForm, QuestionsForm
from accounts.recovery.forms import AnewForm, AnswersForm, RecoverForm
from accounts.sign_in.forms import SignInForm
from registration.models import RegistrationRequest
from registration.wizard.account_form import PortalForm
from registration.wizard.flows import PORTAL
from registration.wizard.forms import ActivationForm, ContactForm, IdentityForm
from sms.models import OtpChallenge
from sms.otp.form import OtpForm
from tests.people import national_code

Context = dict[str, Any]
CODE, MOBILE = national_code(1), "+989120000001"
DRAFT = RegistrationRequest(national_code=CODE, mobile=MOBILE, operator="mci")
CITIZEN = User(national_code=CODE, mobile=MOBILE, first_name="زهرا", last_name="محمدی", email="zahra@example.com")
NO_ANSWERS: dict[str, str] = {}
NOON = datetime(2026, 11, 21, tzinfo=UTC)
VOID = {"input", "meta", "link", "img", "br"}


class Page(HTMLParser):
    """The tags of a page in order, and the texts of its title, headings and links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def all(self, *names: str) -> list[dict[str, str]]:
        return [attrs for tag, attrs in self.tags if tag in names]

    def by_id(self, identifier: str) -> dict[str, str]:
        return next(attrs for _, attrs in self.tags if attrs.get("id") == identifier)


def step(name: str, form: Any, **more: Any) -> Context:
    number = list(PORTAL.steps).index(name) + 1
    management = ManagementForm(prefix="registration", initial={"current_step": name})
    return {
        "form": form,
        "wizard": {"management_form": management},
        "step_number": number,
        "step_names": PORTAL.titles,
        "flow": PORTAL,
        "draft": DRAFT,
        "back_url": "/back/" if number > 1 else None,
        "national_code": CODE,
        "mobile": MOBILE,
        "password_rules": RULES,
    } | more


def contact(data: Context | None) -> Context:
    return step("contact", ContactForm(data, prefix="contact"))


def activation(data: Context | None) -> Context:
    form = ActivationForm(data, prefix="activation", challenge=OtpChallenge())
    return step("activation", form, resend_url="/again/", resend_after=95, code_minutes=10, change_url="/back/")


def identity(data: Context | None) -> Context:
    return step("identity", PortalForm(data, prefix="identity", draft=DRAFT))


def four_step_identity(data: Context | None) -> Context:
    return step("identity", IdentityForm(data, prefix="identity"))


def sign_in(data: Context | None) -> Context:
    return {"form": SignInForm(data, client_ip="192.0.2.1"), "next": "/accounts/profile/"}


def password_change(data: Context | None) -> Context:
    form = PasswordChangeForm(data, user=CITIZEN, session="drawn")
    return {"form": form, "password_rules": RULES, "user": CITIZEN}


def code(data: Context | None) -> Context:
    form = OtpForm(data, challenge=OtpChallenge())
    return {"form": form, "mobile": MOBILE, "resend_after": 95, "code_minutes": 10, "user": None}


def recovery_answers(data: Context | None) -> Context:
    questions = [SecurityQuestion(text="نام نخستین همکار نزدیک شما چه بود؟"), SecurityQuestion(text="نخستین سفر؟")]
    return {"form": AnswersForm(data, run=RecoveryRun(), user=CITIZEN, questions=questions)}


def recovery_password(data: Context | None) -> Context:
    return {"form": NewPasswordForm(data, user=CITIZEN), "owner": CITIZEN, "password_rules": RULES}


def recovery_anew(data: Context | None) -> Context:
    return {"form": AnewForm(data, user=CITIZEN), "owner": CITIZEN, "password_rules": RULES}


def own(form: Any) -> Any:
    return lambda data: {"form": form(data, user=CITIZEN, session="drawn"), "user": CITIZEN}


SUBMITTED = RegistrationRequest(tracking_code="140508301234", submitted_at=NOON)
RECEIVED = {"flow": "portal", "submitted": SUBMITTED, "mobile": "0912***0001", "decision_hours": 48}
SMS = {"to": "09120000001", "text": "first line\n@host #482913", "at": datetime(2026, 11, 21, tzinfo=UTC)}
FORMS: dict[str, Any] = {
    "registration/contact.html": contact,
    "registration/activation.html": activation,
    "registration/identity.html": identity,
    "accounts/sign_in.html": sign_in,
    "accounts/password_change.html": password_change,
    "accounts/sign_in_code.html": code,
    "accounts/recover.html": lambda data: {"form": RecoverForm(data)},
    "accounts/recover_code.html": code,
    "accounts/recover_answers.html": recovery_answers,
    "accounts/recover_password.html": recovery_password,
    "accounts/recover_anew.html": recovery_anew,
    "accounts/questions.html": own(QuestionsForm),
    "accounts/mobile.html": own(MobileForm),
    "accounts/mobile_code.html": code,
    "accounts/email.html": own(EmailForm),
    "accounts/data.html": own(ConfirmedForm),
    "accounts/device_sign_out.html": lambda data: (
        own(ConfirmedForm)(data) | {"device": Device(name="Firefox, Linux", seen_at=NOON)}
    ),
    "accounts/end_sessions.html": lambda data: (
        own(ConfirmedForm)(data) | {"ended": [BrowserSession(name="Chrome", seen_at=NOON)]}
    ),
    "accounts/confirm_code.html": lambda data: code(data) | {"user": CITIZEN},
}
PLAIN: dict[str, Context] = {
    "home.html": {"flow": PORTAL, "flow_url": "/portal/registration/", "links": [("/a/", "One", "What it is")]},
    "registration/received.html": RECEIVED,
    "accounts/confirm_send.html": {"user": CITIZEN},
    "accounts/profile.html": {"user": CITIZEN, "last_sign_in": datetime(2026, 11, 21, tzinfo=UTC)},
    "accounts/recover_done.html": {},
    "accounts/email_confirm.html": {"user": CITIZEN},
    "handset.html": {"sms": [SMS], "to": "0912"},
    **{f"{name}.html": {} for name in ("400", "403", "403_csrf", "404", "405", "500", "503")},
    "429.html": {"limit": "تعداد تلاش‌ها بیش از حد است."},
}
STATIC = {"500.html", "503.html"}  # no tag of Django in them: they must work when nothing else does


def draw(template: str, context: Context, language: str = "fa") -> Page:
    """The page as the person `user` of the context would see it; nobody, if there is none."""
    request = RequestFactory().get("/somewhere/")
    request.user = context.get("user") or AnonymousUser()
    with translation.override(language):
        return Page(render_to_string(template, context, request))


def pages(language: str = "fa") -> Iterator[tuple[str, Page]]:
    """Every page in every state."""
    for template, context in PLAIN.items():
        yield template, draw(template, context, language)
    for template, make in FORMS.items():
        yield f"{template} empty", draw(template, make(None), language)
        yield f"{template} wrong", draw(template, make(NO_ANSWERS), language)
    yield "four steps", draw("registration/identity.html", four_step_identity(None), language)
