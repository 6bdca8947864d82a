"""One statement before each paid question: registration/identity/ledger.py says what for."""

from django.db import migrations

# `paused`: seconds for which the service is left alone; `capped`: seconds until this person may be asked about again.
# With either of them nothing was noted. Else `noted` is the row of the question, and `probe` says that this one finds
# out whether the service is back. Each statement in here sees what others have committed until then, so whoever has
# waited for the lock counts the rows of those before.
FUNCTION = """
CREATE FUNCTION registration_enter_identity_check(
  code text, service text, question text, allowed integer[], windows integer[], probe_seconds integer, bypass boolean,
  OUT noted bigint, OUT probe boolean, OUT paused double precision, OUT capped double precision
) LANGUAGE plpgsql AS $$
DECLARE
  closed_until timestamptz;
  present timestamptz;
  deciding timestamptz;
BEGIN
  probe := false;
  IF NOT bypass THEN
    SELECT CASE WHEN h.open_until > statement_timestamp() THEN extract(epoch FROM h.open_until - statement_timestamp())
                WHEN h.probe_until >= statement_timestamp() THEN 0 END, h.open_until
      INTO paused, closed_until
      FROM registration_providerhealth h WHERE h.provider = service;
    IF paused IS NOT NULL THEN
      RETURN;
    END IF;
  END IF;

  PERFORM pg_advisory_xact_lock(hashtextextended('inquiries ' || code, 0));
  present := clock_timestamp();
  FOR i IN 1 .. cardinality(allowed) LOOP
    SELECT c.at INTO deciding FROM registration_inquiry c
      WHERE c.national_code = code AND c.at > present - windows[i] * interval '1 second'
        AND NOT (c.outcome = 'no answer')
      ORDER BY c.at DESC OFFSET allowed[i] - 1 LIMIT 1;
    IF FOUND THEN
      capped := extract(epoch FROM deciding - present) + windows[i];
      RETURN;
    END IF;
  END LOOP;

  IF closed_until IS NOT NULL THEN
    UPDATE registration_providerhealth h SET probe_until = statement_timestamp() + probe_seconds * interval '1 second'
      WHERE h.provider = service AND h.open_until = closed_until
        AND (h.probe_until IS NULL OR h.probe_until < statement_timestamp());
    probe := FOUND;
    IF NOT probe THEN
      paused := 0;
      RETURN;
    END IF;
  END IF;

  INSERT INTO registration_inquiry (national_code, provider, operation, outcome, at)
    VALUES (code, service, question, '', present) RETURNING id INTO noted;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("registration", "0007_capped_checked")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION registration_enter_identity_check")]
