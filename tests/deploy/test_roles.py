"""The whole portal works as a role that has rights on rows and no others."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from runpy import run_path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from celery import current_app
from django.db import DatabaseError, connection, transaction
from django.test import Client
from psycopg import sql

from accounts.models import User
from accounts.sign_in import totp
from accounts.staff import enrolment, members
from registration.desk import roles as desk_roles
from registration.lifecycle import decisions
from registration.models import RegistrationRequest
from tamin_portal.celery import TASKS
from tests.accounts import helpers
from tests.accounts.recovery import recovering
from tests.production import ROOT, environment
from tests.registration.desk.members import office
from tests.registration.lifecycle.deciding import NO_CODE
from tests.registration.registry.importing import ALI_LINE, Imported, write
from tests.registration.wizard.walking import Citizen, decide, register

ROLES = SimpleNamespace(**run_path(str(ROOT / "deploy/make_roles.py")))
REFUSED = [
    "CREATE TABLE more (n int)",
    "DROP TABLE accounts_user",
    "ALTER TABLE accounts_user ADD more int",
    "ALTER TABLE accounts_user DISABLE TRIGGER ALL",
    "TRUNCATE sms_message",
    "CREATE SCHEMA more",
    "CREATE ROLE more",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "COPY accounts_user TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid",
]


@pytest.fixture
def data_role(db: None) -> None:
    """The rest of the test's transaction works as the role with data rights; then all of it is undone."""
    with connection.cursor() as django_cursor:
        cursor = django_cursor.cursor
        for role in ("test_portal_owner", "test_portal_data"):
            ROLES.make_role(cursor, role, "")
        ROLES.arrange(cursor, "test_portal_owner", "test_portal_data")
        cursor.execute("GRANT USAGE ON SCHEMA still TO test_portal_data")  # the tests' clock
        cursor.execute("SET LOCAL ROLE test_portal_data")


def test_citizens_clerks_and_workers_need_rows_alone(
    data_role: None, client: Client, new_client: Callable[[], Client], drain: Callable[[], int], tmp_path: Path
) -> None:
    me = Citizen(741)
    me.enter_registry(owns_mobile=False)
    request = register(client, me)
    decide()
    request.refresh_from_db()
    clerk = helpers.make_account(742, is_staff=True, branch=office())
    clerk.groups.add(desk_roles.group(desk_roles.CLERK))
    totp.give(clerk)
    decisions.activate(request.pk, by=clerk, client_ip="198.51.100.7", seen=NO_CODE)
    drain()

    owner = recovering.make_protected(743)
    browser = new_client()
    recovering.to_password(browser, owner)
    recovering.choose(browser)
    helpers.sign_in(browser, owner, helpers.NEW_PASSWORD)
    assert helpers.signed_in(browser)
    browser.post(helpers.LOGOUT)

    assert Imported(write(tmp_path / "people.csv", ALI_LINE)).code == 0
    head_office = desk_roles.group(desk_roles.HEAD_OFFICE)
    invited = members.invite(
        Citizen(744).national_code, role=head_office, branch=None, first_name="مینا", last_name="کارگر"
    )
    assert enrolment.begin(invited.user.national_code, invited.code, "192.0.2.1")
    for queue in TASKS.values():
        for task in queue:
            current_app.tasks[task].apply(args=(1,) if task.startswith(("sms.deliver", "registration.check")) else ())
    assert RegistrationRequest.objects.get().status == "activated"
    assert User.objects.count() == 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, usesuper FROM pg_user WHERE usename = current_user")
        assert cursor.fetchone() == ("test_portal_data", False)


def test_a_stranger_in_the_web_process_gets_no_further(data_role: None) -> None:
    for statement in REFUSED:
        with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert isinstance(error.value.__cause__, psycopg.errors.InsufficientPrivilege), statement


@pytest.fixture
def empty_database(django_db_blocker: Any) -> Iterator[Callable[[str], str]]:
    """A database of its own; answers its address for a role. Roles made for it are gone at the end, too."""
    own = connection.settings_dict
    name = f"roles_of_{own['NAME']}"

    def address(role: str, password: str = "", database: str = name) -> str:
        where = {"host": own["HOST"], "port": own["PORT"]}
        query = "&".join(f"{key}={quote(str(value))}" for key, value in where.items() if value)
        return f"postgresql://{role}:{quote(password)}@/{database}?{query}"

    superuser = address(own["USER"], own["PASSWORD"], "postgres")
    with psycopg.connect(superuser, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield lambda role: address(role) if role else address(own["USER"], own["PASSWORD"])
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        for role in (f"owner_{name}", f"data_{name}"):
            server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def test_the_owner_migrates_and_the_other_role_finds_its_rights(
    empty_database: Callable[[str], str], tmp_path: Path
) -> None:
    name = f"roles_of_{connection.settings_dict['NAME']}"
    owner, data = empty_database(f"owner_{name}"), empty_database(f"data_{name}")
    files: list[Path] = []
    for address in (empty_database(""), owner, data):
        files.append(tmp_path / str(len(files)))
        files[-1].write_text(address, encoding="ascii")
    make = [sys.executable, "deploy/make_roles.py", *map(str, files)]
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
    for command in (make, migrate, make, migrate):  # as two starts do
        done = subprocess.run(
            command, cwd=ROOT, env=environment({"DATABASE_URL": owner}), capture_output=True, text=True, timeout=300
        )
        assert (done.returncode, done.stderr) == (0, "")
    with psycopg.connect(data) as rows:
        assert rows.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)
        rows.execute("INSERT INTO sms_heartbeat VALUES ('texts', now())")
        for statement in REFUSED:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), rows.transaction():
                rows.execute(statement)
    with psycopg.connect(owner) as tables:
        asked = """
            SELECT bool_or(rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls)
            FROM pg_roles WHERE rolname = ANY(%s)
        """
        assert tables.execute(asked, [[f"owner_{name}", f"data_{name}"]]).fetchone() == (False,)
