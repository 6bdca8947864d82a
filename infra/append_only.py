"""Rows that are only added: PostgreSQL refuses to change or delete them to every role that does not own their table.

The portal works as a role with data rights (docs/decisions/0016), which can neither drop a trigger nor switch one off,
nor say of itself that it is something else. The owner, as whom `migrate` works, may do all of it anyway.
(docs/decisions/0054.)
"""

from django.db.migrations.operations import RunSQL

# Names are whole: a temporary table `pg_class` of whoever is refused comes first otherwise.
_FUNCTION = """
CREATE OR REPLACE FUNCTION portal_only_added() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' AND TG_NARGS = 1 AND OLD.at < statement_timestamp() - TG_ARGV[0]::interval THEN
    RETURN OLD;
  END IF;
  IF pg_has_role((SELECT relowner FROM pg_catalog.pg_class WHERE oid = TG_RELID), 'USAGE') THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  RAISE insufficient_privilege USING MESSAGE = format('rows of %I are only added', TG_TABLE_NAME);
END $$
"""


def function() -> RunSQL:
    """What the triggers call; made once, by the first migration of `accounts` that needs it."""
    return RunSQL(_FUNCTION, "DROP FUNCTION portal_only_added()")


def only_added(table: str, *, deleted_after: str = "") -> RunSQL:
    """From now on rows of the table are only added. `deleted_after`: an interval of SQL; older rows, by their column
    `at`, may be deleted."""
    kept = f"'{deleted_after}'" if deleted_after else ""
    return RunSQL(
        f"CREATE OR REPLACE TRIGGER only_added BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION portal_only_added({kept})",
        f"DROP TRIGGER only_added ON {table}",
    )
