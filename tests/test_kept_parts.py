"""Parts of pages that are drawn once for everybody: what may be in them, and that nothing of a person ever is."""

import re
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.utils import translation
from jinja2 import DictLoader, Environment, Template
from jinja2.exceptions import TemplateAssertionError

from tamin_portal.kept_parts import KeptParts
from tests.registration.wizard.walking import (
    ACTIVATION,
    IDENTITY,
    WIZARD,
    Citizen,
    contact,
    identify,
    send,
    to_activation,
    to_identity,
    wrong_code,
)

FRAME = "{% kept form %}{{ _('drawn') }} {{ form.name }}{% endkept %}"


class Form(forms.Form):
    name = forms.CharField(required=False)

    @property
    def is_blank(self) -> bool:
        return not self.is_bound and not self.initial


class Other(Form):
    pass


class Always(forms.Form):
    """A form that does not say when it is blank."""

    name = forms.CharField(required=False)


def environment(*, auto_reload: bool = False, **templates: str) -> tuple[Environment, list[str]]:
    """With `_`, which notes when it is called."""
    calls: list[str] = []

    def note(text: str) -> str:
        calls.append(text)
        return f"{text} {len(calls)}"

    made = Environment(extensions=[KeptParts], loader=DictLoader(templates), auto_reload=auto_reload, autoescape=True)
    made.globals["_"] = note
    return made, calls


def drawn(template: Template, form: object) -> str:
    return template.render(form=form).partition("<")[0]


def test_a_blank_form_is_drawn_once_for_each_class_prefix_and_language() -> None:
    made, calls = environment(page=FRAME)
    page = made.get_template("page")

    assert [drawn(page, Form()), drawn(page, Form())] == ["drawn 1 "] * 2
    assert drawn(page, Form(prefix="step")) == "drawn 2 "
    assert drawn(page, Other()) == "drawn 3 "
    with translation.override("en"):
        assert [drawn(page, Form()), drawn(page, Form())] == ["drawn 4 "] * 2
    assert drawn(page, Form()) == "drawn 1 "
    assert len(calls) == 4


@pytest.mark.parametrize(
    "form", [Form({"name": "زهرا"}), Form({}), Form(initial={"name": "زهرا"}), Always(), Always({"name": "زهرا"})]
)
def test_any_other_form_is_drawn_each_time_and_not_kept(form: forms.Form) -> None:
    made, calls = environment(page=FRAME)
    page = made.get_template("page")

    assert [drawn(page, form), drawn(page, form)] == ["drawn 1 ", "drawn 2 "]
    assert "زهرا" not in page.render(form=Form())
    assert len(calls) == 3


def test_a_part_without_a_form_is_drawn_once_for_each_language() -> None:
    made, calls = environment(page="{% kept %}{{ _('a') }}{% endkept %}{% kept %}{{ _('b') }}{% endkept %}")
    page = made.get_template("page")

    assert [page.render(), page.render()] == ["a 1b 2"] * 2
    with translation.override("en"):
        assert page.render() == "a 3b 4"
    assert len(calls) == 4


def test_parts_of_two_templates_are_two() -> None:
    made, _ = environment(one=FRAME, other=FRAME)

    assert drawn(made.get_template("one"), Form()) == "drawn 1 "
    assert drawn(made.get_template("other"), Form()) == "drawn 2 "


def test_nothing_is_kept_where_templates_are_read_again() -> None:
    made, _ = environment(auto_reload=True, page=FRAME)
    page = made.get_template("page")

    assert [drawn(page, Form()), drawn(page, Form())] == ["drawn 1 ", "drawn 2 "]


@pytest.mark.parametrize(
    "inside",
    [
        "{{ user }}",
        "{{ csrf_input }}",
        "{{ form.name }}",  # without being named in the tag
        "{{ _('%(code)s')|format(code=national_code) }}",
        "{% if messages %}x{% endif %}",
        "{% for error in errors %}{{ error }}{% endfor %}",
        "{% set mobile = draft.mobile %}{{ mobile }}",
        "{% include 'other' %}",
        "{% import 'other' as other %}",
        "{% from 'other' import name %}",
        "{% block inner %}{% endblock %}",
    ],
)
def test_what_may_differ_between_visitors_is_refused_when_the_template_is_compiled(inside: str) -> None:
    made, _ = environment()
    with pytest.raises(TemplateAssertionError, match="a kept part"):
        made.from_string("{% kept %}" + inside + "{% endkept %}")


def test_what_a_part_sets_itself_is_its_own() -> None:
    made, _ = environment()
    inside = "{% set word = _('one') %}{{ word }}{% for number in range(2) %}{{ number }}{% endfor %}"
    with pytest.raises(TemplateAssertionError, match="range"):  # named nowhere: it might as well be somebody's
        made.from_string("{% kept %}" + inside + "{% endkept %}")
    fine = inside.replace("range(2)", "(0, 1)")
    assert made.from_string("{% kept %}" + fine + "{% endkept %}").render() == "one 101"


# ── the pages of the registration ─────────────────────────────────────────────────────────────────────────────────────


def page(client: Client, **query: str) -> str:
    """What the registration shows, without what is random in it or tells the time."""
    return masked(client.get(WIZARD, query))


def masked(response: Any) -> str:
    assert response.status_code == 200
    differs = 'name="csrfmiddlewaretoken" value="[^"]+"|data-(session|longest)="[0-9]+"'
    return re.sub(differs, "", response.content.decode())


@pytest.mark.django_db
def test_nothing_of_one_citizen_is_on_the_page_of_another() -> None:
    first, second = Citizen(41, first_name="زهرا"), Citizen(42)
    one, other = Client(), Client()
    page(one)
    to_identity(one, first)
    identify(one, first, last_name="Latin", certificate_number="7531", email="zahra@example.com")  # refused, and shown
    blank = page(one)
    to_identity(other, second)

    theirs = page(other)

    assert first.national_code in blank
    assert second.national_code in theirs
    changed = theirs.replace(second.national_code, first.national_code)
    changed = changed.replace(f"0{second.mobile[3:]}", f"0{first.mobile[3:]}")
    assert re.sub('draft_mark" value="[^"]+"', "", changed) == re.sub('draft_mark" value="[^"]+"', "", blank)
    for mine in (first.national_code, first.mobile[3:], "زهرا", "Latin", "7531", "zahra@example.com", "wrong"):
        assert mine not in theirs, mine


@pytest.mark.django_db
def test_errors_and_what_was_typed_are_of_their_page_alone() -> None:
    client, person = Client(), Citizen(41)
    blank = page(client)
    wrong = masked(contact(client, person, national_code="123"))
    assert 'class="field wrong"' in wrong
    assert 'value="123"' in wrong
    assert page(client) == blank

    to_activation(client, person)
    code = page(client)
    assert 'class="field wrong"' in masked(send(client, ACTIVATION, {"code": wrong_code(person)}))
    assert page(client) == code
    assert f'value="{person.national_code}"' in page(client, step="contact")
    assert page(Client()) == blank

    to_identity(Client(), Citizen(42))
    assert 'class="field wrong"' in masked(send(client, ACTIVATION, {"code": "1"}))


@pytest.mark.django_db
def test_the_kept_pages_are_what_is_drawn_without_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    client, person = Client(), Citizen(41)
    steps = [page(client)]
    to_activation(client, person)
    steps.append(page(client))
    other = Client()
    to_identity(other, Citizen(42))
    steps.append(page(other))
    assert IDENTITY in steps[-1]

    with monkeypatch.context() as patch:
        patch.setattr(KeptParts, "_draw", lambda self, part, form, caller: caller())
        assert [page(Client()), page(client), page(other)] == steps
