"""Migrations keep the rows of a database that has been in use."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps as django_apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.models import User
from registration.lifecycle import decisions
from registration.models import RegistrationRequest, RequestEvent
from tests.accounts.helpers import make_account
from tests.registration.lifecycle.deciding import NO_CODE, clerk, leased
from tests.registration.rows import make_request

pytestmark = pytest.mark.django_db

BEFORE_KINDS, KINDS = "0004_field_terms", "0005_event_kind"
# What was written before events had kinds: status before, status after, `reason` (CLERKS: a clerk's own words).
# Then what it must become: the kind, the clerk's words.
CLERKS = "عکس کارت با شخص مطابقت ندارد"
OLD_EVENTS: list[tuple[str, str, str, str, str]] = [
    ("draft", "submitted", "", "submitted", ""),
    *(("submitted", status, "", "decided", "") for status in ("activated", "branch", "mismatch")),
    ("submitted", "expired", "", "expired", ""),
    *(
        event
        for status in ("branch", "mismatch")
        for event in (
            (status, "superseded", "", "superseded", ""),
            (status, "activated", "documents seen", "documents_seen", ""),
            (status, "rejected", CLERKS, "rejected", CLERKS),
            (status, "rejected", "viewed", "rejected", "viewed"),
            (status, "rejected", "documents seen", "rejected", "documents seen"),
            (status, status, "an account existed already", "account_existed", ""),
        )
    ),
    ("submitted", "submitted", "an account existed already", "account_existed", ""),
    ("", "", "viewed", "viewed", ""),
]
YOUNGER = {
    "capped",
    "first_word",
    "second_word",
    "corrected",
    "noted",
    "taken",
    "handed_back",
    "withdrawn",
    "looked",
    "code_sent",
    "mobile_proved",
    "asked_again",
    "answered_again",
    "sent_again",
    "handed_over",
    "reached",
    "caller_code",
    "caller_verified",
    "caller_failed",
}
STAFF = {"documents seen", "viewed", CLERKS}


def migrate(name: str) -> Any:
    """Take the tables of `registration` to a migration, inside the test's transaction; the models of that time."""
    with connection.cursor() as cursor:  # rows that wait for a check at the end keep their tables from being altered
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    target = [("registration", name)]
    MigrationExecutor(connection).migrate(target)
    return MigrationExecutor(connection).loader.project_state(target).apps


def test_events_of_every_old_shape_get_their_kind() -> None:
    request, mina = make_request(41), clerk()
    old = migrate(BEFORE_KINDS).get_model("registration", "RequestEvent").objects
    for before, after, reason, _, _ in OLD_EVENTS:
        actor = mina.pk if reason in STAFF else None
        old.create(request_id=request.pk, actor_id=actor, from_status=before, to_status=after, reason=reason)
    written = list(old.order_by("pk").values_list("from_status", "to_status", "reason", "actor_id", "at"))

    migrate(KINDS)

    new = RequestEvent.objects.order_by("pk")
    assert list(new.values_list("from_status", "to_status", "kind", "words")) == [
        (before, after, kind, words) for before, after, _, kind, words in OLD_EVENTS
    ]
    assert {kind for *_, kind, _ in OLD_EVENTS} == set(RequestEvent.Kind.values) - YOUNGER
    assert list(new.values_list("actor_id", "at")) == [(actor, at) for *_, actor, at in written]

    old = migrate(BEFORE_KINDS).get_model("registration", "RequestEvent").objects
    assert list(old.order_by("pk").values_list("from_status", "to_status", "reason", "actor_id", "at")) == written


def test_requests_that_are_there_get_the_province_of_their_city() -> None:
    known = {
        make_request(1).pk: "تهران",
        make_request(2, city="شیراز").pk: "فارس",
        make_request(3, country="DE", city="تهران").pk: "",
        make_request(4, city="ناکجا").pk: "",
    }
    fill = import_module("registration.migrations.0018_province_known").fill
    fill(django_apps, SimpleNamespace(connection=connection))
    assert dict(RegistrationRequest.objects.values_list("pk", "province")) == known


def test_older_accounts_learn_how_their_identity_was_checked_where_an_event_tells() -> None:
    sure = {"identity": "match", "ownership": "owned"}
    by_registry, by_branch = leased(41, **sure), leased(42, identity="match", ownership="not_owned")
    met = leased(43, **sure)
    there = make_account(43, national_code=met.national_code)
    imported, never = make_account(44), make_account(45, is_active=False, activated_at=None)
    for request in (by_registry, by_branch, met):
        decisions.record(request)
    decisions.activate(by_branch.pk, by=clerk(), client_ip="192.0.2.7", seen=NO_CODE)
    User.objects.update(identity_check="")
    fill = import_module("registration.migrations.0022_checked_and_came_from").fill
    fill(django_apps, SimpleNamespace(connection=connection))
    known = dict(User.objects.values_list("national_code", "identity_check"))
    assert known[by_registry.national_code] == "registry"
    assert known[by_branch.national_code] == "branch"
    assert {known[one.national_code] for one in (there, imported, never)} == {""}


def test_accounts_that_the_version_before_made_meanwhile_are_filled_in_once_more() -> None:
    first, last = leased(41, identity="match", ownership="owned"), leased(42, identity="match", ownership="owned")
    for request in (first, last):
        decisions.record(request)
    User.objects.update(identity_check="", province="", city="شیراز", country="IR")
    User.objects.filter(national_code=last.national_code).update(id=first.pk + 10_000)  # in another batch
    call_command("fill_accounts")
    assert list(User.objects.values_list("identity_check", "province")) == [("registry", "فارس")] * 2
    User.objects.update(identity_check="branch", province="تهران")
    call_command("fill_accounts")
    assert list(User.objects.values_list("identity_check", "province")) == [("branch", "تهران")] * 2


def test_requests_that_wait_in_a_queue_of_the_desk_already_stay_there() -> None:
    told, corrected, over = (make_request(number, "mismatch") for number in (41, 42, 43))
    ended, late = make_request(44, "expired"), make_request(45, "expired")
    mina = clerk()
    same: dict[str, Any] = {"from_status": "mismatch", "to_status": "mismatch", "actor": mina}
    for request in (told, corrected, over):
        RequestEvent.objects.create(request=request, kind="first_word", **same)
    RequestEvent.objects.create(request=corrected, kind="corrected", changes={"first_name": ["الف", "ب"]}, **same)
    decisions.reject(over.pk, by=mina, words="عکس یکی نیست", client_ip="192.0.2.7")
    for request, kind in ((ended, "capped"), (late, "expired")):
        RequestEvent.objects.create(request=request, kind=kind, from_status="submitted", to_status="expired")
    with connection.cursor() as cursor:
        cursor.execute(import_module("registration.migrations.0023_queues").FILL)
    queues = RegistrationRequest.objects
    assert [one.pk for one in queues.filter(awaits_second=True)] == [told.pk]
    assert [one.pk for one in queues.filter(capped=True)] == [ended.pk]
