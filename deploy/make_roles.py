"""Make PostgreSQL's two roles: the owner of the tables, for `migrate`, and the one with data rights, for all else.

    python deploy/make_roles.py SUPERUSER_URL_FILE OWNER_URL_FILE DATA_URL_FILE

Each file holds an address such as postgresql://role:password@host:5432/database, as DATABASE_URL does. May be repeated:
it makes what is missing, sets the passwords, takes tables over from the superuser that an older version worked as, and
grants anew. Neither role is a superuser, makes roles or databases. (docs/decisions/0016, docs/operations.md.)
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

NO_POWERS = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")


def main(superuser: str, owner: str, data: str) -> None:
    """Addresses of the three roles. All or nothing."""
    with psycopg.connect(superuser) as connection, connection.cursor() as cursor:
        for address in (owner, data):
            make_role(cursor, *_who(address))
        arrange(cursor, _who(owner)[0], _who(data)[0])


def _who(address: str) -> tuple[str, str]:
    parts = conninfo_to_dict(address)
    return str(parts["user"]), str(parts.get("password") or "")


def make_role(cursor: "psycopg.Cursor[tuple[str, ...]]", role: str, password: str) -> None:
    known = cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    statement = sql.SQL("ALTER ROLE {} {} PASSWORD {}" if known else "CREATE ROLE {} {} PASSWORD {}")
    cursor.execute(statement.format(sql.Identifier(role), NO_POWERS, sql.Literal(password or None)))


def arrange(cursor: "psycopg.Cursor[tuple[str, ...]]", owner: str, data: str) -> None:
    """Everything in the schema `public` of this database belongs to `owner`; `data` reads and writes rows."""
    for statement in _rights(cursor, owner, data):
        cursor.execute(statement)


def _rights(cursor: "psycopg.Cursor[tuple[str, ...]]", owner: str, data: str) -> Iterator[sql.Composed]:
    [database] = cursor.execute("SELECT current_database()").fetchone() or [""]
    names = {"owner": sql.Identifier(owner), "data": sql.Identifier(data), "database": sql.Identifier(database)}
    for text in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {owner}",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {data}",  # an import works in temporary tables
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "ALTER SCHEMA public OWNER TO {owner}",
        "GRANT USAGE ON SCHEMA public TO {data}",
    ):
        yield sql.SQL(text).format(**names)
    # Sequences of columns go with their tables.
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner <> %s"
    for [table] in cursor.execute(tables, [owner]).fetchall():
        yield sql.SQL("ALTER TABLE public.{table} OWNER TO {owner}").format(table=sql.Identifier(table), **names)
    for text in (
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {data}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {data}",
        # What `migrate` makes later.
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {data}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {data}",
    ):
        yield sql.SQL(text).format(**names)


if __name__ == "__main__":
    main(*(Path(name).read_text(encoding="ascii").strip() for name in sys.argv[1:4]))
