"""The newcomer's first minutes: `make run` has prepared everything, and what it printed leads where it says."""

import re
from base64 import b32decode
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import totp
from pytest_django import Settings

from accounts.models import Branch, User
from accounts.passwords import rules as password_rules
from registration.identity import check
from registration.management.commands import prepare
from registration.models import CivilRecord, MobileOwner, RegistrationRequest
from sms.outbox import delivery
from tests.production import manage
from tests.registration.lifecycle.deciding import BRANCH, CREATED, MR, MS, PROBLEM
from tests.registration.wizard.walking import (
    ACTIVATION,
    CONTACT,
    IDENTITY,
    RECEIVED,
    Answers,
    Citizen,
    assert_leads_to,
    send,
)

pytestmark = pytest.mark.django_db

PERSON = re.compile(
    r" +national code (?P<code>[0-9]{10}) +mobile (?P<phone>09[0-9]{9}) +(?P<first>\S+) (?P<last>\S+)[^0-9]*"
    r"(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<day>[0-9]{2}) +(?P<gender>female|male)"
    r"\s+certificate (?P<number>[0-9]+) +series (?P<letter>\S+) (?P<series>[0-9]+) +serial (?P<serial>[0-9]{6})"
)


@dataclass(frozen=True)
class Demo(Citizen):
    """A person as `prepare` prints one."""

    code: str = ""
    phone: str = ""

    @property
    def national_code(self) -> str:
        return self.code

    @property
    def mobile(self) -> str:
        return f"+98{self.phone[1:]}"


@pytest.fixture
def _collected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "_collect_static", lambda: None)


@pytest.fixture(autouse=True)
def _handset(settings: Settings) -> None:
    settings.SMS_BACKEND = ["handset"]


def prepared(address: str = "http://localhost:8000/") -> str:
    printed = StringIO()
    call_command("prepare", "--demo-at", address, stdout=printed)
    return printed.getvalue()


def counts() -> list[int]:
    return [model._base_manager.count() for model in (User, Branch, CivilRecord, MobileOwner)]


def line(printed: str, beginning: str) -> str:
    [found] = [line for line in printed.splitlines() if line.strip().startswith(beginning)]
    return found.strip().removeprefix(beginning)


def demo(printed: str, beginning: str) -> tuple[Demo, Answers]:
    """The person of this line, and how the identity step is filled in."""
    [place] = [at for at, text in enumerate(printed.splitlines()) if text.strip().startswith(beginning)]
    two_lines = "\n".join(printed.splitlines()[place : place + 2]).strip().removeprefix(beginning)
    found = PERSON.fullmatch(two_lines)
    assert found, two_lines
    person = Demo(0, found["first"], found["last"], code=found["code"], phone=found["phone"])
    answers = person.identity | {
        "certificate_number": found["number"],
        "certificate_serial": found["serial"],
        "certificate_series_letter": found["letter"],
        "certificate_series_number": found["series"],
        "birth_date_year": found["year"],
        "birth_date_month": found["month"],
        "birth_date_day": found["day"],
        "gender": found["gender"],
    }
    return person, answers


def newest_text(client: Client, person: Demo) -> str:
    """What the handset page shows on top, after the workers have done their work."""
    while delivery.drain("codes") + check.drain() + delivery.drain("texts"):
        pass
    received = client.get("/handset/", {"to": person.phone}, headers={"Accept": "application/json"}).json()
    return str(received[0]["text"])


@pytest.mark.usefixtures("_collected")
@pytest.mark.parametrize(
    ("beginning", "changes", "status", "text"),
    [
        ("activated", {}, "activated", f"{MS.replace('محمدی', 'احمدی')} {CREATED}"),
        ("to a branch", {}, "branch", f"{MR.replace('محمدی', 'حسینی‌نژاد')} {BRANCH}"),
        ("does not match", {"first_name": "رضا"}, "mismatch", f"{MR.replace('محمدی', 'کریمی')} {PROBLEM}"),
        ("does not match", {}, "activated", f"{MR.replace('محمدی', 'کریمی')} {CREATED}"),  # unless typed as printed
    ],
)
def test_the_people_it_prints_lead_to_the_outcomes_it_names(
    client: Client, beginning: str, changes: Answers, status: str, text: str
) -> None:
    person, answers = demo(prepared(), beginning)

    assert send(client, CONTACT, person.contact).status_code == 302
    code = newest_text(client, person).rpartition("#")[2]
    assert send(client, ACTIVATION, {"code": code}).status_code == 302
    assert_leads_to(send(client, IDENTITY, answers | changes), RECEIVED)

    assert newest_text(client, person) == text
    assert RegistrationRequest.objects.get().status == status


@pytest.mark.usefixtures("_collected")
def test_doing_it_twice_changes_nothing(client: Client) -> None:
    first = prepared()
    before = counts()
    stored = list(User.objects.order_by("pk").values_list("password", flat=True))

    assert prepared() == first
    assert counts() == before
    assert list(User.objects.order_by("pk").values_list("password", flat=True)) == stored
    assert before[0] == 2
    assert min(before) > 0


@pytest.mark.usefixtures("_collected")
def test_the_clerk_it_prints_can_work_at_the_desk(client: Client, settings: Settings) -> None:
    found = re.fullmatch(r" +(\S+) +national code ([0-9]{10}) +password (\S+)", line(prepared(), "Branch desk:"))
    assert found
    address, national_code, password = found.groups()
    assert address.endswith(f"/{settings.ADMIN_PATH}")
    clerk = User.objects.get(national_code=national_code)
    assert password_rules.problems(password, first_name="مینا", last_name="کارگر", national_code=national_code) == []
    assert clerk.check_password(password)
    assert clerk.is_staff
    assert not clerk.is_superuser
    assert clerk.branch is not None
    client.force_login(clerk)
    desk = client.get(f"/{settings.ADMIN_PATH}registration/registrationrequest/")
    assert desk.status_code == 200


@pytest.mark.usefixtures("_collected")
def test_the_second_person_it_prints_can_give_the_second_word() -> None:
    found = re.fullmatch(
        r" +national code ([0-9]{10}) +password (\S+)", line(prepared(), "the second person, where two are asked for:")
    )
    assert found
    supervisor = User.objects.get(national_code=found[1])
    assert supervisor.check_password(found[2])
    assert supervisor.has_perm("registration.confirm_registrationrequest")
    assert not supervisor.is_superuser
    assert found[2] not in line(prepared(), "Branch desk:")


@pytest.mark.usefixtures("_collected")
def test_with_the_second_factor_it_prints_what_the_clerks_app_needs(client: Client, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = "required"
    printed = prepared()
    assert prepared() == printed
    password = line(printed, "Branch desk:").rpartition(" ")[2]
    client.post("/desk/login/", {"username": prepare.STAFF_NATIONAL_CODE, "password": password})
    code = f"{totp(b32decode(line(printed, 'for an authenticator app:').strip())):06}"
    assert client.post("/desk/login/code/", {"code": code}).headers["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200


@pytest.mark.usefixtures("_collected")
def test_where_to_open_it_is_what_it_was_told() -> None:
    printed = prepared("http://localhost:8123")
    assert line(printed, "Text messages:").strip() == "http://localhost:8123/handset/"
    assert "http://localhost:8123/desk/" in line(printed, "Branch desk:")


@pytest.mark.usefixtures("_collected")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"IDENTITY_BACKEND": "jibit"}, "IDENTITY_BACKEND=jibit knows real people only."),
        ({"REFERENCE_REGISTRY_IS_REAL": True}, "the registry holds real ones (REFERENCE_REGISTRY_IS_REAL=on)."),
    ],
)
def test_no_made_up_people_among_real_ones(settings: Settings, changes: dict[str, object], reason: str) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    printed = prepared()
    assert line(printed, "Demo people:").strip() == f"none, because {reason}"
    assert "Branch desk:" in printed
    users, branches, *registry = counts()
    assert (users, branches, registry) == (2, len(prepare.BRANCHES), [0, 0])


@pytest.mark.usefixtures("_collected")
@pytest.mark.parametrize(
    ("backends", "where"),
    [
        (["handset"], "http://localhost:8000/handset/"),
        (["console"], "written into this log"),
        (["memory"], "sent nowhere (SMS_BACKEND=memory)"),
        (["kavenegar"], "sent by kavenegar to the mobile that is typed in"),
        (
            ["kavenegar", "handset"],
            "sent by kavenegar to the mobile that is typed in, else http://localhost:8000/handset/",
        ),
    ],
)
def test_it_says_where_text_messages_go(settings: Settings, backends: list[str], where: str) -> None:
    settings.SMS_BACKEND = backends
    printed = prepared()
    assert line(printed, "Text messages:").strip() == where
    assert ("type one of your own" in printed) == ("kavenegar" in backends)


@pytest.mark.usefixtures("_collected")
def test_branches_that_are_there_already_stay_alone() -> None:
    own = Branch.objects.create(code="77", name="شعبهٔ کرمان", province="کرمان", city="کرمان")
    prepared()
    assert list(Branch.objects.all()) == [own]
    assert {user.branch for user in User.objects.all()} == {own}


@pytest.mark.parametrize("backends", [["handset"], ["kavenegar"]])
def test_it_refuses_to_make_anybody_where_nobody_asked_for_a_demo(settings: Settings, backends: list[str]) -> None:
    settings.SMS_BACKEND = backends
    with pytest.raises(CommandError, match="for `make run` and for the trial"):
        call_command("prepare")
    assert counts() == [0, 0, 0, 0]


def test_a_database_that_does_not_answer_is_named_in_one_line() -> None:
    [done] = manage(["prepare", "--demo-at", "http://localhost:8000/"], [{}])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "CommandError: DATABASE_URL: the database does not answer, or does not let the portal in.\n"


def test_files_are_collected_when_one_has_changed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    calls: list[str] = []

    def collect(name: str, **options: object) -> None:
        calls.append(name)
        (tmp_path / "static").mkdir(exist_ok=True)

    monkeypatch.setattr(prepare, "call_command", collect)
    prepare._collect_static()
    prepare._collect_static()
    assert calls == ["collectstatic"]
    (tmp_path / "static.sources").write_text("another", encoding="utf-8")
    prepare._collect_static()
    (tmp_path / "static").rmdir()
    prepare._collect_static()
    assert calls == ["collectstatic"] * 3
