"""Events are only added: PostgreSQL refuses to change or delete them to the role that the portal works as."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.models.functions import Now

from accounts.models import AccountEvent, StaffEvent
from registration.lifecycle import events, retention, searches
from registration.models import DeskSearch, RequestEvent
from sso.models import ServiceEvent
from tests.accounts import helpers
from tests.registration.rows import make_request
from tests.sso.relying import make_service

pytestmark = pytest.mark.django_db

ROLE = "test_only_adds"
REFUSED = [
    "UPDATE {} SET at = at - interval '10 years'",
    "UPDATE {} SET id = id",
    "DELETE FROM {}",
    "TRUNCATE {}",
    "ALTER TABLE {} DISABLE TRIGGER only_added",
    "DROP TRIGGER only_added ON {}",
    "INSERT INTO {0} SELECT * FROM {0} LIMIT 1 ON CONFLICT (id) DO UPDATE SET at = now()",
    "MERGE INTO {} a USING (SELECT 1) b ON true WHEN MATCHED THEN DELETE",
]
EVENTS: list[type[models.Model]] = [RequestEvent, AccountEvent, StaffEvent, ServiceEvent, DeskSearch]


@pytest.fixture
def event_of() -> dict[type[models.Model], models.Model]:
    """One of each kind."""
    clerk, citizen = helpers.make_account(1, is_staff=True), helpers.make_account(2)
    request = make_request(3)
    events.note(request, RequestEvent.Kind.VIEWED, by=clerk, client_ip="192.0.2.1")
    searches.note("محمدی", 1, place=DeskSearch.Place.STAFF, by=clerk, client_ip="192.0.2.1")
    service = make_service(sector="health", state="draft")
    return {
        RequestEvent: RequestEvent.objects.get(),
        AccountEvent: AccountEvent.objects.create(account=citizen, actor=clerk, kind="viewed", security_version=0),
        StaffEvent: StaffEvent.objects.create(account=clerk, kind="added"),
        ServiceEvent: ServiceEvent.objects.create(service=service, kind="entered"),
        DeskSearch: DeskSearch.objects.get(),
    }


@pytest.fixture
def data_role(event_of: object) -> Iterator[None]:
    """A second role with all rights on rows, as deploy/make_roles.py gives them; the rest of the test works as it."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} NOSUPERUSER")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
        cursor.execute(
            f"GRANT TEMPORARY ON DATABASE {connection.ops.quote_name(connection.settings_dict['NAME'])} TO {ROLE}"
        )
        cursor.execute(f"GRANT USAGE ON SCHEMA still TO {ROLE}")  # the tests' clock
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def refused(statement: str) -> bool:
    """Whether PostgreSQL said that the role may not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege)
    return False


def test_every_table_of_events_is_guarded() -> None:
    """What is called an event and has somebody who acted is named here, and its table has the trigger."""
    events = {
        model for model in apps.get_models() if {"at", "actor"} <= {field.name for field in model._meta.concrete_fields}
    }
    assert events == set(EVENTS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'only_added' AND tgenabled = 'O'")
        assert {table for [table] in cursor.fetchall()} == {model._meta.db_table for model in EVENTS}


@pytest.mark.parametrize("model", EVENTS)
def test_the_web_s_role_adds_events_and_changes_none(
    data_role: None, event_of: dict[type[models.Model], models.Model], model: type[models.Model]
) -> None:
    table, row = model._meta.db_table, event_of[model]
    row.pk = None
    row.save(force_insert=True)
    assert model._default_manager.count() == 2
    before = list(model._default_manager.order_by("pk").values())
    for statement in REFUSED:
        assert refused(statement.format(table)), statement
    assert refused("SET LOCAL session_replication_role = replica")  # by which triggers are left out
    assert list(model._default_manager.order_by("pk").values()) == before


def test_a_table_of_the_same_name_as_postgresql_s_own_opens_nothing(data_role: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE pg_class AS "
            "SELECT oid, current_user::regrole::oid AS relowner FROM pg_catalog.pg_class"
        )
        cursor.execute("SET LOCAL search_path = pg_temp, public, pg_catalog")
    assert refused("DELETE FROM registration_requestevent")


def test_searches_are_deleted_after_two_years_by_the_web_s_role_and_not_before(
    event_of: dict[type[models.Model], models.Model], request: pytest.FixtureRequest
) -> None:
    again = DeskSearch.objects.get()
    again.pk = None
    again.save(force_insert=True)
    days = retention.SEARCH_LIFETIME.days
    old, young = DeskSearch.objects.order_by("pk")
    for row, age in ((old, timedelta(days=days, hours=1)), (young, timedelta(days=days - 1))):
        DeskSearch.objects.filter(pk=row.pk).update(at=Now() - age)  # the owner may
    request.getfixturevalue("data_role")
    assert refused("DELETE FROM registration_desksearch")  # the young one is among them
    retention.purge()
    assert list(DeskSearch.objects.all()) == [young]
