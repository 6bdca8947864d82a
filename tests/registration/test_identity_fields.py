"""One declaration of the identity: a field that is added to it arrives in every room, and none forgets to say how."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from django.utils.translation import gettext

from accounts.models import Person, User
from accounts.profile import export
from accounts.questions import form as question_form
from registration.desk import record
from registration.identity import base, compare, get_backend
from registration.identity.base import Applicant
from registration.identity.compare import Recorded
from registration.lifecycle import decisions, submission
from registration.lifecycle import draft as saved_draft
from registration.management.commands import import_registry, test_identity
from registration.models import CivilRecord, RegistrationRequest, Status
from registration.pages import identity_values
from registration.registry import fields as registry_fields
from registration.registry.lines import columns
from registration.wizard import review
from registration.wizard.forms import IdentityForm
from tests.people import STATED, national_code
from tests.registration.lifecycle.deciding import NO_CODE
from tests.registration.rows import make_request
from tests.registration.wizard.walking import WIZARD, Citizen, to_identity

pytestmark = pytest.mark.django_db

NEW, VALUE, OTHER = "blood_group", "AB", "O"
CODE = national_code(771)
# Where each field needs something of its own. What a newcomer forgets is told by the name of the table.
TABLES: dict[str, Mapping[str, Any]] = {
    "RULES in registration/identity/compare.py": compare.RULES,
    "READERS in registration/registry/fields.py": registry_fields.READERS,
    "SHOWN in registration/pages/identity_values.py": identity_values.SHOWN,
    "PROMPTS in registration/management/commands/test_identity.py": test_identity.PROMPTS,
    "the fields of IdentityForm in registration/wizard/forms.py": IdentityForm.base_fields,
}


@pytest.mark.parametrize("table", TABLES)
def test_every_room_says_how_it_treats_each_field(table: str) -> None:
    missing = [name for name in Person.IDENTITY_FIELDS if name not in TABLES[table]]
    assert missing == [], f"{table} lacks {missing}"


@pytest.mark.parametrize("model", [User, RegistrationRequest, CivilRecord])
def test_nobody_declares_a_field_of_the_identity_again(model: type[Person]) -> None:
    """Django would take it without a word. What is inherited keeps the place that it was declared at."""
    declared = {field.name: field.creation_counter for field in Person._meta.fields}
    inherited = {field.name: field.creation_counter for field in model._meta.fields if field.name in declared}
    assert inherited == declared


def test_the_page_of_the_identity_asks_for_each_field_in_the_order_of_the_declaration(client: Client) -> None:
    to_identity(client, Citizen(775))
    page = client.get(WIZARD).content.decode()
    places = {name: page.find(f'name="identity-{name}') for name in Person.IDENTITY_FIELDS}
    missing = [name for name, place in places.items() if place < 0]
    assert missing == [], f"templates/pages/registration/identity.html lacks {missing}"
    assert sorted(places, key=places.__getitem__) == list(Person.IDENTITY_FIELDS)


def test_the_made_up_person_of_the_tests_has_each_field() -> None:
    assert set(Person.IDENTITY_FIELDS) == set(STATED), "STATED in tests/people.py"


@pytest.fixture
def new_field(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A copy of the declaration with one field more: in the models, in their tables, and in the table of each room."""
    monkeypatch.setattr(Person, "IDENTITY_FIELDS", (*Person.IDENTITY_FIELDS, NEW))
    monkeypatch.setitem(compare.RULES, NEW, compare.RULES["gender"])
    monkeypatch.setitem(registry_fields.READERS, NEW, lambda text: text.strip().upper())
    monkeypatch.setitem(identity_values.SHOWN, NEW, identity_values.SHOWN["first_name"])
    monkeypatch.setitem(test_identity.PROMPTS, NEW, ("blood group", str.upper, True))
    monkeypatch.setitem(IdentityForm.base_fields, NEW, forms.CharField(label="Blood group"))
    changed: tuple[type[models.Model], ...] = (User, RegistrationRequest, CivilRecord)
    fields = []
    for model in changed:
        field: models.Field[Any, Any] = models.CharField("blood group", max_length=2, blank=True, default="")
        field.contribute_to_class(model, NEW)
        fields.append(field)
        with connection.cursor() as cursor:  # rolled back with the test
            cursor.execute(f"ALTER TABLE {model._meta.db_table} ADD COLUMN {NEW} varchar(2) NOT NULL DEFAULT ''")
    yield
    for model, field in zip(changed, fields, strict=True):
        model._meta.local_fields.remove(field)
        model._meta._expire_cache()  # type: ignore[attr-defined]
        delattr(model, NEW)


def request(status: str, number: int = 771, **changes: Any) -> RegistrationRequest:
    return make_request(number, status, **{NEW: VALUE, **changes})


@pytest.mark.usefixtures("new_field")
def test_a_new_field_is_copied_from_the_form_to_the_account() -> None:
    stated = {name: getattr(request(Status.REJECTED), name) for name in (*Person.IDENTITY_FIELDS, *submission.PLACE)}
    assert submission.identity_fields(stated)[NEW] == VALUE

    draft = make_request(772, Status.DRAFT, birth_date=None)
    saved_draft.save_identity(draft, stated)
    assert RegistrationRequest.objects.get(pk=draft.pk).blood_group == VALUE  # type: ignore[attr-defined]
    assert saved_draft.answers_of(draft)[NEW] == VALUE

    waiting = request(Status.BRANCH, national_code=CODE)
    clerk = User.objects.create(national_code=national_code(773), is_active=False)
    decisions.activate(waiting.pk, by=clerk, client_ip="192.0.2.1", seen=NO_CODE)
    assert User.objects.get(national_code=CODE).blood_group == VALUE  # type: ignore[attr-defined]


@pytest.mark.usefixtures("new_field")
def test_a_new_field_comes_back_with_an_earlier_draft() -> None:
    same: dict[str, Any] = {"national_code": CODE, "mobile": "+989970000771"}
    earlier, newer = request(Status.DRAFT, **same), make_request(774, Status.DRAFT, birth_date=None, **same)
    type(earlier.challenge).objects.update(attempts=1, confirmed_at=earlier.challenge.created_at)
    saved_draft.resume(RegistrationRequest.objects.annotate(earlier=saved_draft.earlier()).get(pk=newer.pk))
    assert RegistrationRequest.objects.get(pk=newer.pk).blood_group == VALUE  # type: ignore[attr-defined]


@pytest.mark.usefixtures("new_field")
def test_a_new_field_is_compared() -> None:
    applicant = Applicant.of(request(Status.SUBMITTED))
    same = {name: getattr(applicant, name) for name in Person.IDENTITY_FIELDS}
    assert compare.compare(applicant, Recorded(**same))[0] == base.Identity.MATCH
    verdict, findings = compare.compare(applicant, Recorded(**same | {NEW: OTHER}))
    assert (verdict, findings[NEW]) == (base.Identity.MISMATCH, "mismatch")


@pytest.mark.usefixtures("new_field")
def test_a_new_field_is_imported_and_answered_from_the_registry(tmp_path: Path) -> None:
    person, *_ = csv.DictReader(StringIO(import_registry.sample_file()))
    file = tmp_path / "people.csv"
    file.write_text(f"{','.join(columns())}\n{','.join((person | {NEW: f' {VALUE.lower()}'}).values())}\n", "utf-8")
    call_command("import_registry", str(file), stdout=StringIO(), stderr=StringIO())

    kept = CivilRecord.objects.get(national_code=person["national_code"])
    assert kept.blood_group == VALUE  # type: ignore[attr-defined]
    stated = {name: getattr(kept, name) for name in Person.IDENTITY_FIELDS}
    applicant = Applicant(national_code=kept.national_code, mobile="+989970000771", **stated | {NEW: OTHER})
    answer = get_backend().identity(applicant)
    assert (answer.identity, answer.findings[NEW]) == ("mismatch", "mismatch")


@pytest.mark.usefixtures("new_field")
def test_a_new_field_is_exported() -> None:
    user = User.objects.create(national_code=CODE, activated_at=None, is_active=False, **{NEW: VALUE})
    assert export.of(user)["account"][NEW] == VALUE


@pytest.mark.usefixtures("new_field")
def test_a_new_field_is_no_answer_to_a_security_question() -> None:
    form = forms.Form({"answer_1": "AB neg"})
    question_form.add_fields(form, 1)
    form.full_clean()
    given = {"answer_1": "AB neg", NEW: "AB neg"}
    question_form.check(form, given, 1, RegistrationRequest(), "")
    assert form.errors["answer_1"] == [gettext("The answer must not be your name, your numbers or your password")]


@pytest.mark.usefixtures("new_field")
def test_a_new_field_is_reviewed_and_shown_at_the_desk() -> None:
    sections = review.sections(request(Status.DRAFT), lambda step: f"?step={step}")
    assert ("Blood group", VALUE, "?step=identity") in [line for _title, lines in sections for line in lines]

    groups = record.groups(request(Status.BRANCH, 776, findings={NEW: "match"}))
    assert record.Row("blood group", VALUE, "match") in [row for group in groups for row in group.rows]


@pytest.mark.usefixtures("new_field")
def test_a_new_field_is_asked_for_by_test_identity() -> None:
    out = StringIO()
    sara = request(Status.BRANCH)
    CivilRecord.objects.create(**{name: getattr(sara, name) for name in ("national_code", *Person.IDENTITY_FIELDS)})
    typed = {name: str(getattr(sara, name)) for name in ("national_code", "mobile", *Person.IDENTITY_FIELDS)}
    call_command("test_identity", stdout=out, identity=True, **typed | {"birth_date": "1365/03/27", NEW: OTHER})
    assert "blood group: " in out.getvalue()
