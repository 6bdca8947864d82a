"""The traps of formtools' wizard that are about how it is built: F15–F22. The others: test_wizard_traps.py."""

import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.http import HttpRequest
from django.test import Client
from django.urls import resolve
from django.views.debug import ExceptionReporter
from formtools.wizard.views import SessionWizardView

from accounts import models as accounts_models
from accounts.models import BrowserSession as Session
from accounts.passwords import rules as password_rules
from accounts.questions import form as question_form
from infra import statements
from registration.lifecycle import submission
from registration.models import RegistrationRequest
from registration.wizard import session as wizard_session
from registration.wizard.flows import FLOWS, PORTAL
from registration.wizard.views import RegistrationWizard
from sms.models import OtpChallenge
from sms.otp import codes
from tests.registration.wizard.walking import (
    ACTIVATION,
    ANSWER,
    CONTACT,
    IDENTITY,
    PASSWORD,
    RECEIVED,
    WIZARD,
    Citizen,
    activate,
    code_on_phone,
    contact,
    fields,
    identify,
    register,
    send,
    text,
    texts,
    to_activation,
    to_identity,
)

pytestmark = pytest.mark.django_db

ME = Citizen(413)


def _built_with() -> dict[str, Any]:
    view: Any = resolve(WIZARD).func
    arguments: dict[str, Any] = view.view_initkwargs
    return arguments


def test_f15_which_steps_there_are_depends_on_no_answer() -> None:
    assert tuple(map(int, version("django-formtools").split(".")[:2])) >= (2, 7)
    assert _built_with()["condition_dict"] == {}
    assert RegistrationWizard.get_form_list is SessionWizardView.get_form_list


def test_f16_nothing_that_requests_share_is_changed_by_one(client: Client) -> None:
    def shared() -> str:
        return str((_built_with(), FLOWS, PORTAL.steps))

    before = shared()
    contact(client, ME, national_code="1")
    register(client, ME)
    assert shared() == before
    assert client.get(WIZARD).context["form"].initial == {}


def test_f17_no_step_takes_a_file(client: Client) -> None:
    for flow in FLOWS.values():
        for form in flow.steps.values():
            assert not [field for field in form.base_fields.values() if isinstance(field, forms.FileField)]
    to_identity(client, ME)
    upload = {"identity-photo": SimpleUploadedFile("photo.png", b"\x89PNG")}
    assert client.post(WIZARD, {**fields(IDENTITY, ME.identity), **upload}).status_code == 400
    assert not RegistrationRequest.objects.exclude(status="draft").exists()


def test_f18_whoever_only_looks_leaves_no_session(client: Client) -> None:
    for page in (WIZARD, f"{WIZARD}?step=identity", RECEIVED):
        client.get(page)
    client.post(WIZARD, {"wizard_goto_step": CONTACT})
    contact(client, ME, national_code="12")
    assert not Session.objects.exists()
    assert set(client.cookies) == {"csrf"}


def test_f19_names_do_not_depend_on_the_name_of_a_class(client: Client) -> None:
    class Renamed(RegistrationWizard):
        pass

    assert Renamed().get_prefix(HttpRequest()) == "registration"
    assert 'name="registration-current_step"' in text(client.get(WIZARD))
    to_activation(client, ME)
    assert client.session["draft_portal"] == RegistrationRequest.objects.get().pk


POINTS = [
    (password_rules, "problems"),
    (question_form, "answer_problems"),
    (submission, "make_password"),
    (submission, "hash_answers"),
    (accounts_models, "fold"),
    (statements, "as_taken"),
    (wizard_session, "keep_received"),
]


@pytest.mark.parametrize(("module", "name"), POINTS, ids=[name for _, name in POINTS])
def test_f20_no_error_report_shows_a_secret(
    client: Client, module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_identity(client, ME)
    report = _report_of(client, lambda: identify(client, ME), module, name, monkeypatch)
    assert PASSWORD not in report
    assert ANSWER not in report


def test_f20_no_error_report_shows_a_code(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    to_activation(client, ME)
    code = code_on_phone(ME)
    answer = lambda: send(client, ACTIVATION, {"code": code})  # noqa: E731
    assert code not in _report_of(client, answer, codes, "matches", monkeypatch)


def _report_of(
    client: Client, action: Callable[[], Any], module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Both of Django's reports about an error that `module.name` raises, with the variables of every frame."""
    reports: list[str] = []

    def collect(request: HttpRequest, **kwargs: Any) -> None:
        reporter = ExceptionReporter(request, *sys.exc_info())
        reports.append(reporter.get_traceback_html() + reporter.get_traceback_text())

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("something broke")

    monkeypatch.setattr(module, name, fail)
    client.raise_request_exception = False
    got_request_exception.connect(collect)
    try:
        assert action().status_code == 500
    finally:
        got_request_exception.disconnect(collect)
    [report] = reports
    assert "something broke" in report
    assert "render_done" in report or "full_clean" in report  # the frames in question are there
    return report


def test_f21_a_post_without_the_management_form_is_a_bad_request_in_persian(client: Client) -> None:
    answer = client.post(WIZARD, {f"contact-{name}": value for name, value in ME.contact.items()})
    assert answer.status_code == 400
    assert '<html lang="fa" dir="rtl">' in text(answer)
    assert "خوانده نشد" in text(answer)
    assert not OtpChallenge.objects.exists()


def test_f22_the_names_that_browsers_and_tests_see_are_those_of_the_contract(client: Client) -> None:
    page = client.get(WIZARD)
    assert _names(page) == {"contact-national_code", "contact-operator", "contact-mobile"}
    to_activation(client, ME)
    assert _names(client.get(WIZARD)) == {"activation-draft_mark", "activation-code"}
    assert 'autocomplete="one-time-code"' in text(client.get(WIZARD))
    activate(client, ME)
    identity = client.get(WIZARD)
    assert _names(identity) == {f"identity-{name}" for name in [*ME.identity, "draft_mark", "province"]}
    assert text(identity).count('autocomplete="new-password"') == 2
    assert texts(ME)


def _names(page: Any) -> set[str]:
    """The names of the form's inputs, each of which is really on the page."""
    form = page.context["form"]
    names: set[str] = set()
    for field in form:
        parts = [part.data["name"] for part in field.subwidgets]
        multi = isinstance(field.field.widget, forms.MultiWidget)
        names |= {part["name"] for part in field.subwidgets[0].data["subwidgets"]} if multi else set(parts)
    assert all(f'name="{name}"' in text(page) for name in names)
    return names
