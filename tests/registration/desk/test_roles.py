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
from registration.desk import roles
from registration.desk.site import desk
from registration.models import RegistrationRequest
from sms.models import Message
from tests.accounts import helpers
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK, LIST
from tests.registration.rows import make_request
from tests.source_code import ROOT

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
YES, NO, GONE, SIGN_IN = "yes", "no", "gone", "sign in"
WHO = ("clerk", "supervisor", "province", "head-office", "auditor", "none", "former", "citizen")
ALL_READ = (YES, YES, YES, YES, YES, NO, SIGN_IN, SIGN_IN)
DECIDERS = (YES, YES, YES, YES, NO, NO, SIGN_IN, SIGN_IN)
CONFIRMERS = (NO, YES, YES, YES, NO, NO, SIGN_IN, SIGN_IN)
HEAD_OFFICE = (NO, NO, NO, YES, NO, NO, SIGN_IN, SIGN_IN)
AUDIT = (NO, NO, NO, YES, YES, NO, SIGN_IN, SIGN_IN)
NOBODY = (NO, NO, NO, NO, NO, NO, SIGN_IN, SIGN_IN)
ANYBODY = (YES, YES, YES, YES, YES, YES, SIGN_IN, SIGN_IN)
NOTHING = (GONE, GONE, GONE, GONE, GONE, GONE, SIGN_IN, SIGN_IN)
REJECTED = {"reason": "mobile", "details": ""}
BRANCH = {"code": "7", "name": "شعبهٔ هفت", "province": "تهران", "city": "تهران", "address": "", "phone": ""}
REASON = {"reason": "other", "details": "تلفنی گفت", "version": "0", "is_staff": "on", "mobile": "+989970077777"}
QUESTION = {"text": "نام نخستین مدرسهٔ شما چه بود؟", "position": "90"}

# Name of the pattern, verb, what is posted → what each of WHO is answered.
MATRIX: dict[tuple[str, str], tuple[dict[str, str], tuple[str, ...]]] = {
    ("index", "get"): ({}, ANYBODY),
    ("registration_registrationrequest_changelist", "get"): ({}, ALL_READ),
    ("registration_registrationrequest_find", "post"): ({"q": "محمدی"}, ALL_READ),
    ("registration_registrationrequest_change", "get"): ({}, ALL_READ),
    ("registration_registrationrequest_change", "post"): ({"first_name": "x"}, NOBODY),
    ("registration_registrationrequest_history", "get"): ({}, ANYBODY),  # leads to the record, which asks
    ("registration_registrationrequest_add", "get"): ({}, NOBODY),
    ("registration_registrationrequest_delete", "post"): ({"post": "yes"}, NOBODY),
    ("registration_registrationrequest_activate", "post"): ({"documents_seen": "1"}, DECIDERS),
    ("registration_registrationrequest_correct", "get"): ({}, DECIDERS),
    ("registration_registrationrequest_correct", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_take", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_handback", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_note", "post"): ({"words": "دوباره می‌آید"}, DECIDERS),
    ("registration_registrationrequest_reject", "get"): ({}, DECIDERS),
    ("registration_registrationrequest_reject", "post"): (REJECTED, DECIDERS),
    ("accounts_branch_changelist", "get"): ({}, ALL_READ),
    ("accounts_branch_change", "get"): ({}, ALL_READ),
    ("accounts_branch_change", "post"): (BRANCH, HEAD_OFFICE),
    ("accounts_branch_add", "get"): ({}, HEAD_OFFICE),
    ("accounts_branch_add", "post"): ({**BRANCH, "code": "8"}, HEAD_OFFICE),
    ("accounts_branch_delete", "post"): ({"post": "yes"}, NOBODY),
    ("accounts_branch_history", "get"): ({}, ALL_READ),
    ("accounts_securityquestion_changelist", "get"): ({}, ALL_READ),
    ("accounts_securityquestion_change", "get"): ({}, ALL_READ),
    ("accounts_securityquestion_change", "post"): (QUESTION, HEAD_OFFICE),
    ("accounts_securityquestion_add", "get"): ({}, HEAD_OFFICE),
    ("accounts_securityquestion_add", "post"): ({**QUESTION, "text": "نام نخستین کتاب شما چه بود؟"}, HEAD_OFFICE),
    ("accounts_securityquestion_delete", "post"): ({"post": "yes"}, NOBODY),
    ("accounts_securityquestion_history", "get"): ({}, ALL_READ),
    ("accounts_staffevent_changelist", "get"): ({}, AUDIT),
    ("accounts_staffevent_change", "get"): ({}, AUDIT),
    ("accounts_staffevent_change", "post"): ({"kind": "role"}, NOBODY),
    ("accounts_staffevent_add", "get"): ({}, NOBODY),
    ("accounts_staffevent_delete", "post"): ({"post": "yes"}, NOBODY),
    ("accounts_staffevent_history", "get"): ({}, AUDIT),
    ("accounts_user_changelist", "get"): ({}, ALL_READ),
    ("accounts_user_find", "post"): ({"q": "محمدی"}, ALL_READ),
    ("accounts_user_change", "get"): ({}, ALL_READ),
    ("accounts_user_change", "post"): ({"mobile": "+989970077777", "is_active": ""}, NOBODY),
    ("accounts_user_history", "get"): ({}, ANYBODY),  # leads to the record, which asks
    ("accounts_user_add", "get"): ({}, NOBODY),
    ("accounts_user_delete", "post"): ({"post": "yes"}, NOBODY),
    ("accounts_user_lock", "get"): ({}, DECIDERS),
    ("accounts_user_lock", "post"): (REASON, DECIDERS),
    ("accounts_user_unlock", "get"): ({}, DECIDERS),
    ("accounts_user_unlock", "post"): (REASON, DECIDERS),
    ("accounts_user_sessions", "get"): ({}, DECIDERS),
    ("accounts_user_sessions", "post"): (REASON, DECIDERS),
    ("accounts_user_recovery", "get"): ({}, DECIDERS),
    ("accounts_user_recovery", "post"): ({**REASON, "documents": "passport"}, DECIDERS),
    ("accounts_user_close", "get"): ({}, DECIDERS),
    ("accounts_user_close", "post"): ({**REASON, "documents": "passport"}, DECIDERS),
    ("accounts_user_death", "get"): ({}, DECIDERS),
    ("accounts_user_death", "post"): ({**REASON, "documents": "passport"}, DECIDERS),
    ("accounts_user_reopen", "get"): ({}, CONFIRMERS),
    ("accounts_user_reopen", "post"): ({**REASON, "documents": "passport"}, CONFIRMERS),
    ("accounts_user_mobile", "get"): ({}, DECIDERS),
    ("accounts_user_mobile", "post"): ({}, DECIDERS),
    ("accounts_user_mobilecode", "get"): ({}, DECIDERS),  # leads back: no code is under way
    ("accounts_user_mobilecode", "post"): ({"code": "123456"}, DECIDERS),
    ("autocomplete", "get"): ({}, NOTHING),
}
LEAVE = (
    "find",
    "correct",
    "take",
    "handback",
    "note",
    "unlock",
    "reopen",
    "mobile",
    "mobilecode",
)  # posts that change no row, but for events
# For everybody, or led elsewhere: they show no row.
OTHERS = {"login", "login-code", "logout", "password_change", "password_change_done", "jsi18n", "app_list"}
OTHERS |= {"view_on_site", ""}  # for objects with a page of their own, of which there is none; the end of the list


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
    [role] = [role for role in roles.ROLES if role.key == ("clerk" if who == "former" else who)]
    return member(600, role, **({"is_staff": False} if who == "former" else {}))


@pytest.fixture
def rows() -> dict[str, int]:
    """Model → a row that is there."""
    return {
        "registrationrequest": make_request(1).pk,
        "branch": Branch.objects.create(code="1", name="یک", province="تهران", city="تهران").pk,
        "securityquestion": SecurityQuestion.objects.order_by("pk")[0].pk,
        "user": helpers.make_account(602).pk,
        "staffevent": StaffEvent.objects.create(account=helpers.make_account(601), kind="added").pk,
    }


def address(name: str, rows: dict[str, int]) -> str:
    """Of the pattern with this name, for one of the rows."""
    if name == "index":
        return DESK
    if name == "autocomplete":
        return f"{DESK}autocomplete/"
    app, model, act = name.split("_")
    act = {"handback": "hand-back", "mobilecode": "mobile/code"}.get(act, act)
    row = "" if act in {"changelist", "find", "add"} else f"{rows[model]}/"
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
    assert verbs == {"view"}
    assert roles.permissions(roles.AUDITOR) >= {
        name for name in roles.permissions(roles.HEAD_OFFICE) if ".view_" in name
    }


def test_the_page_of_the_docs_is_the_table() -> None:
    page = (ROOT / "docs/authorisation.md").read_text("utf-8")
    assert roles.as_page() in page
