"""Both registrations in Firefox, from the first page to the closing one, on a phone's width."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from registration.models import RegistrationRequest
from tests.browser.firefox import Firefox, running
from tests.registration.wizard.walking import ANSWER, PASSWORD, Answers, Citizen, code_on_phone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARGES = Citizen(424)
SUBMIT = "#step .actions button[type=submit]"
CITY = "[data-field=city] input[role=combobox]"
SELECTS = ("operator", "certificate_series_letter", "country", "question_1", "question_2", "question_3")


@pytest.fixture
def firefox(tmp_path: Path, questions: None) -> Iterator[Firefox]:
    executable = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
    if not executable:
        pytest.skip("There is no Firefox here: `make system` installs it where it may; FIREFOX names another one.")
    with running(executable, tmp_path) as opened:
        opened.resize(360)
        yield opened
        assert opened.complaints == []


def fill(firefox: Firefox, step: str, answers: Answers) -> None:
    for name, value in answers.items():
        if name in SELECTS:
            firefox.choose(f"[name={step}-{name}]", value)
        elif name == "gender":
            firefox.click(f"[name={step}-gender][value={value}]")
        elif name == "city":
            firefox.type(CITY, value)
            firefox.click(f"[role=option][data-value='{value}']")
        elif name != "foreign_city":
            firefox.type(f"[name={step}-{name}]", value)


def to_identity(firefox: Firefox, address: str) -> None:
    firefox.open(address)
    fill(firefox, "contact", NARGES.contact)
    firefox.send(SUBMIT)
    firefox.type("[name=activation-code]", code_on_phone(NARGES))
    firefox.send(SUBMIT)


def heading(firefox: Firefox) -> str:
    return str(firefox.call("() => document.querySelector('h1').textContent.trim()"))


def place(firefox: Firefox) -> str:
    return str(firefox.call("() => location.pathname"))


def test_three_steps(live_server: LiveServer, firefox: Firefox) -> None:
    to_identity(firefox, f"{live_server.url}/portal/registration/")
    firefox.send(SUBMIT)  # nothing is typed: errors, and no tick
    assert firefox.call("() => document.activeElement.matches('[data-summary]')")
    assert firefox.call("() => document.documentElement.scrollWidth <= innerWidth")
    fill(firefox, "identity", NARGES.identity)
    firefox.send(SUBMIT)
    assert place(firefox) == "/portal/registration/received/"
    request = RegistrationRequest.objects.get()
    assert (request.last_name, request.city) == (NARGES.last_name, "تهران")
    assert str(request.tracking_code) in firefox.call("() => document.querySelector('main').textContent")


def test_four_steps(live_server: LiveServer, firefox: Firefox) -> None:
    to_identity(firefox, f"{live_server.url}/eservices/registration/")
    elsewhere = ("email", "password1", "password2", "question_1", "answer_1")
    fill(firefox, "identity", {name: value for name, value in NARGES.identity.items() if name not in elsewhere})
    firefox.send(SUBMIT)
    fill(firefox, "account", {"password1": PASSWORD, "password2": PASSWORD})
    for number, answer in enumerate((ANSWER, "پروانهٔ آبی", "شیراز و یزد"), 1):
        question = firefox.call(
            "(name, at) => document.getElementsByName(name)[0].options[at].value", f"account-question_{number}", number
        )
        fill(firefox, "account", {f"question_{number}": question, f"answer_{number}": answer})
    firefox.send(SUBMIT)
    assert heading(firefox) == "پیش از ارسال، اطلاعات خود را بازبینی کنید"
    firefox.send(SUBMIT)
    assert place(firefox) == "/eservices/registration/received/"
    assert RegistrationRequest.objects.get().answers_hash
