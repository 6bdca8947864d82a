"""Role × address × verb: what each role of the staff is answered at every address of the desk, and its page of docs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver

from accounts.models import Branch, SecurityQuestion, StaffEvent, User
from accounts.staff import members
from registration.desk import roles
from registration.desk.site import desk
from registration.models import RegistrationRequest
from sms.models import Message
from sso.models import Service, ServiceEvent
from tests.accounts import helpers
from tests.registration.desk.matrix import GONE, LEAVE, MATRIX, NO, OTHERS, PATHS, SIGN_IN, WHO, YES
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK, LIST
from tests.registration.rows import make_request
from tests.source_code import ROOT
from tests.sso.relying import make_service

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]


def patterns(entries: Any = None) -> list[str]:
    found = []
    for entry in desk.get_urls() if entries is None else entries:
        if isinstance(entry, URLResolver):
            found += patterns(entry.url_patterns)
        elif isinstance(entry, URLPattern):
            found.append(entry.name or "")
    return found


def test_the_matrix_names_every_address_of_the_desk() -> None:
    assert set(patterns()) == {name for name, _ in MATRIX} | OTHERS


def somebody(who: str) -> User:
    if who == "none":
        return helpers.make_account(600, is_staff=True)
    if who == "citizen":
        return helpers.make_account(600)
    own = {"branch": Branch.objects.get(code="1")} if Branch.objects.exists() else {}
    [role] = [role for role in roles.ROLES if role.key == ("clerk" if who == "former" else who)]
    return member(600, role, **own, **({"is_staff": False} if who == "former" else {}))


@pytest.fixture
def rows() -> dict[str, int]:
    """Model → a row that is there."""
    branch = Branch.objects.create(pk=1001, code="1", name="یک", province="تهران", city="تهران")
    Branch.objects.create(pk=1002, code="2", name="دو", province="تهران", city="ری")
    works, invited, former = (member(number, roles.CLERK, branch=branch) for number in (610, 611, 612))
    User.objects.filter(pk__in=[invited.pk, former.pk]).update(is_staff=False)
    members.reactivate(invited)
    return {
        "works": works.pk,
        "new-code": invited.pk,
        "reactivate": former.pk,
        "registrationrequest": make_request(1).pk,
        "branch": branch.pk,
        "securityquestion": SecurityQuestion.objects.order_by("pk")[0].pk,
        "user": helpers.make_account(602).pk,
        "staffevent": StaffEvent.objects.create(account=helpers.make_account(601), kind="added").pk,
        "service": (service := make_service(sector="health", state="draft")).pk,
        "serviceevent": ServiceEvent.objects.create(service=service, kind="entered").pk,
    }


def address(name: str, rows: dict[str, int]) -> str:
    """Of the pattern with this name, for one of the rows."""
    if name == "index":
        return DESK
    if name == "autocomplete":
        return f"{DESK}autocomplete/"
    if name == "recovery-codes":
        return f"{DESK}recovery-codes/"
    if name.startswith("looks"):
        return f"{DESK}{name.replace('-', '/')}/"
    if name.startswith("staff"):
        act = name.partition("-")[2]
        if act in {"", "find", "invite"}:
            return f"{DESK}staff/{act}{'/' if act else ''}"
        about = rows[act if act in {"new-code", "reactivate"} else "works"]
        return f"{DESK}staff/{about}/" if act == "member" else f"{DESK}staff/{about}/{act}/"
    app, model, act = name.split("_")
    act = PATHS.get(act, act)
    row = "" if act in {"changelist", "find", "add", "bulk", "bulk/activate"} else f"{rows[model]}/"
    return f"{DESK}{app}/{model}/{row}{'' if act == 'changelist' else f'{act}/'}"


def answered(response: Any) -> str:
    if response.status_code == 302 and response.headers["Location"].startswith("/desk/login/"):
        return SIGN_IN
    return {403: NO, 404: GONE, 200: YES, 302: YES}[response.status_code]


def state() -> list[Any]:
    """What a decision or a form changes."""
    return [
        list(RegistrationRequest.objects.values("status", "first_name")),
        list(Branch.objects.values().order_by("pk")),
        list(SecurityQuestion.objects.values().order_by("pk")),
        list(StaffEvent.objects.values()),
        list(Service.objects.values().order_by("pk")),
        list(User.objects.values("is_active", "is_staff", "mobile", "security_version").order_by("pk")),
        Message.objects.count(),
    ]


@pytest.mark.parametrize("place", range(len(WHO)), ids=WHO)
def test_each_role_is_answered_what_the_matrix_says(client: Client, rows: dict[str, int], place: int) -> None:
    client.force_login(somebody(WHO[place]))
    before, wrong = state(), {}
    for (name, verb), (posted, expected) in MATRIX.items():
        point = transaction.savepoint()
        response = client.get(address(name, rows)) if verb == "get" else client.post(address(name, rows), posted)
        changes = verb == "post" and expected[place] == YES and not name.endswith(LEAVE)
        if (found := (answered(response), state() != before)) != (expected[place], changes):
            wrong[name, verb] = found
        transaction.savepoint_rollback(point)
    assert wrong == {}


def test_the_first_page_offers_what_the_role_may_open(new_client: NewClient) -> None:
    for number, role in enumerate(roles.ROLES, 610):
        client = new_client()
        client.force_login(member(number, role))
        page = client.get(DESK).content.decode()
        assert (LIST in page) == ("registration.view_registrationrequest" in roles.permissions(role))
        assert ("/desk/accounts/staffevent/" in page) == (role in {roles.HEAD_OFFICE, roles.AUDITOR})


def test_migrate_makes_the_roles_and_takes_back_what_was_added() -> None:
    group = roles.group(roles.CLERK)
    group.permissions.add(Permission.objects.get(codename="add_branch"))
    group.permissions.remove(Permission.objects.get(codename="decide_registrationrequest"))
    roles.group(roles.AUDITOR).delete()
    call_command("migrate", verbosity=0, interactive=False)
    for role in roles.ROLES:
        held = Group.objects.get(name=role.name).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{codename}" for app, codename in held} == roles.permissions(role)
    assert Group.objects.count() == len(roles.ROLES)


def test_a_role_needs_its_permissions() -> None:
    Permission.objects.filter(codename="decide_registrationrequest").delete()
    with pytest.raises(LookupError, match=r"registration\.decide_registrationrequest: run migrate first"):
        roles.ensure_roles()


def test_who_only_reads_has_no_permission_that_changes_anything() -> None:
    verbs = {name.partition(".")[2].partition("_")[0] for name in roles.permissions(roles.AUDITOR)}
    assert verbs == {"view", "everywhere"}
    assert roles.permissions(roles.AUDITOR) >= {
        name for name in roles.permissions(roles.HEAD_OFFICE) if ".view_" in name
    }


def test_the_page_of_the_docs_is_the_table() -> None:
    page = (ROOT / "docs/authorisation.md").read_text("utf-8")
    assert roles.as_page() in page
