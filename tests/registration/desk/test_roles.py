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
from tests.people import national_code
from tests.registration.desk.members import member
from tests.registration.desk.pages import DESK, LIST
from tests.registration.rows import make_request
from tests.source_code import ROOT
from tests.sso.relying import make_service

pytestmark = pytest.mark.django_db

NewClient = Callable[[], Client]
YES, NO, GONE, SIGN_IN = "yes", "no", "gone", "sign in"
WHO = ("clerk", "supervisor", "province", "head-office", "auditor", "none", "former", "citizen")
ALL_READ = (YES, YES, YES, YES, YES, NO, SIGN_IN, SIGN_IN)
DECIDERS = (YES, YES, YES, YES, NO, NO, SIGN_IN, SIGN_IN)
HEAD_OFFICE = (NO, NO, NO, YES, NO, NO, SIGN_IN, SIGN_IN)
AUDIT = (NO, NO, NO, YES, YES, NO, SIGN_IN, SIGN_IN)
NOBODY = (NO, NO, NO, NO, NO, NO, SIGN_IN, SIGN_IN)
ANYBODY = (YES, YES, YES, YES, YES, YES, SIGN_IN, SIGN_IN)
STAFF_READ = (NO, YES, YES, YES, YES, NO, SIGN_IN, SIGN_IN)
STAFF_MADE = (NO, YES, YES, YES, NO, NO, SIGN_IN, SIGN_IN)
STAFF_MOVED = (NO, NO, YES, YES, NO, NO, SIGN_IN, SIGN_IN)  # a supervisor has one branch and makes one role
NOTHING = (GONE, GONE, GONE, GONE, GONE, GONE, SIGN_IN, SIGN_IN)
REJECTED = {"reason": "mobile", "details": ""}
BRANCH = {"code": "1", "name": "شعبهٔ هفت", "province": "تهران", "city": "تهران", "address": "", "phone": ""}
WHY = {"reason": "جابه‌جا شد"}
INVITED = {"national_code": national_code(650), "first_name": "نرگس", "last_name": "بهرامی", "role": "clerk"}
INVITED |= {"branch": "1001"}
SERVICE = {"name_fa": "درمان", "name_en": "Health", "address": "https://health.example/", "sector": "health"}
SERVICE |= {"auth_method": "client_secret_basic", "redirect_uris": "https://health.example/back"}
SERVICE |= {"id_token_alg": "RS256", "lowest_acr": "1"}
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
    ("registration_registrationrequest_activate", "post"): ({"documents_seen": "1", "no_code": "no_signal"}, DECIDERS),
    ("registration_registrationrequest_correct", "get"): ({}, DECIDERS),
    ("registration_registrationrequest_correct", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_take", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_handback", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_note", "post"): ({"words": "دوباره می‌آید"}, DECIDERS),
    ("registration_registrationrequest_code", "get"): ({}, DECIDERS),
    ("registration_registrationrequest_code", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_askagain", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_sendagain", "post"): ({}, DECIDERS),
    ("registration_registrationrequest_handover", "post"): ({"to": "1"}, DECIDERS),
    ("registration_registrationrequest_withdraw", "get"): ({}, DECIDERS),
    ("registration_registrationrequest_withdraw", "post"): ({"reason": "again", "details": ""}, DECIDERS),
    ("registration_registrationrequest_bulk", "post"): ({"pk": "1"}, DECIDERS),
    ("registration_registrationrequest_bulkactivate", "post"): ({"pk": "1", "documents_seen": "1"}, DECIDERS),
    ("registration_registrationrequest_reach", "get"): ({}, ALL_READ),
    ("registration_registrationrequest_reach", "post"): ({"reason": "here", "details": ""}, ALL_READ),
    ("registration_registrationrequest_told", "post"): ({}, DECIDERS),
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
    ("staff", "get"): ({}, STAFF_READ),
    ("staff-find", "post"): ({"q": "محمدی"}, STAFF_READ),
    ("staff-member", "get"): ({}, STAFF_READ),
    ("staff-invite", "get"): ({}, STAFF_MADE),
    ("staff-invite", "post"): (INVITED, STAFF_MADE),
    ("staff-new-code", "get"): ({}, STAFF_MADE),
    ("staff-new-code", "post"): ({}, STAFF_MADE),
    ("staff-branch", "get"): ({}, STAFF_MOVED),
    ("staff-branch", "post"): ({"branch": "1002"}, STAFF_MOVED),
    ("staff-role", "get"): ({}, STAFF_MOVED),
    ("staff-role", "post"): ({"role": "supervisor", "reason": "نفر دوم"}, STAFF_MOVED),
    ("staff-end-session", "get"): ({}, STAFF_MADE),
    ("staff-end-session", "post"): (WHY, STAFF_MADE),
    ("staff-reset-factor", "get"): ({}, STAFF_MADE),
    ("staff-reset-factor", "post"): (WHY, STAFF_MADE),
    ("staff-deactivate", "get"): ({}, STAFF_MADE),
    ("staff-deactivate", "post"): (WHY, STAFF_MADE),
    ("staff-reactivate", "get"): ({}, STAFF_MADE),
    ("staff-reactivate", "post"): ({}, STAFF_MADE),
    ("recovery-codes", "get"): ({}, ANYBODY),
    ("recovery-codes", "post"): ({}, ANYBODY),  # one's own
    ("sso_service_changelist", "get"): ({}, AUDIT),
    ("sso_service_change", "get"): ({}, AUDIT),
    ("sso_service_change", "post"): (SERVICE, HEAD_OFFICE),
    ("sso_service_add", "get"): ({}, HEAD_OFFICE),
    ("sso_service_add", "post"): (SERVICE, HEAD_OFFICE),
    ("sso_service_delete", "post"): ({"post": "yes"}, NOBODY),
    ("sso_service_history", "get"): ({}, AUDIT),
    ("sso_service_opened", "post"): ({}, HEAD_OFFICE),
    ("sso_service_tested", "post"): ({}, HEAD_OFFICE),
    ("sso_service_closed", "post"): ({}, HEAD_OFFICE),
    ("sso_service_secret", "post"): ({}, HEAD_OFFICE),
    ("sso_serviceevent_changelist", "get"): ({}, AUDIT),
    ("sso_serviceevent_change", "get"): ({}, AUDIT),
    ("sso_serviceevent_change", "post"): ({"detail": "x"}, NOBODY),
    ("sso_serviceevent_add", "get"): ({}, NOBODY),
    ("sso_serviceevent_delete", "post"): ({"post": "yes"}, NOBODY),
    ("sso_serviceevent_history", "get"): ({}, AUDIT),
    ("autocomplete", "get"): ({}, NOTHING),
}
LEAVE = (  # posts that change no row, but for events; the last one of an account without an app
    *("askagain", "handover", "bulk", "bulkactivate", "find", "reach", "correct", "take", "handback", "note", "told"),
    "recovery-codes",
)
PATHS = {
    "handback": "hand-back",
    "askagain": "ask-again",
    "sendagain": "send-again",
    "handover": "hand-over",
    "bulkactivate": "bulk/activate",
}
# For everybody, or led elsewhere: they show no row.
OTHERS = {"login", "login-code", "logout", "password_change", "password_change_done", "jsi18n", "app_list"}
OTHERS |= {"enrol", "enrol-password", "enrol-app", "fresh-code"}
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
