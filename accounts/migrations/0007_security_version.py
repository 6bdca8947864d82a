"""Changes of what protects an account are counted, by the database itself: accounts/protection.py says what for."""

from django.db import migrations, models

PROTECTED = (
    *("password", "mobile", "email", "question_1_id", "question_2_id", "question_3_id", "answers_hash"),
    *("is_active", "is_staff", "is_superuser"),
)
OLD, NEW = (", ".join(f"{row}.{column}" for column in PROTECTED) for row in ("OLD", "NEW"))
# Who raises it in the same statement has counted the change already. It never falls: a row that is written back as it
# was read before, by save(), revives nothing. An account that was never active has nothing that could be ended.
TRIGGER = f"""
CREATE FUNCTION accounts_count_protection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.security_version := greatest(
    NEW.security_version,
    OLD.security_version + (({OLD}) IS DISTINCT FROM ({NEW}))::integer
  );
  RETURN NEW;
END $$;
CREATE TRIGGER accounts_user_protection BEFORE UPDATE ON accounts_user
  FOR EACH ROW WHEN (OLD.activated_at IS NOT NULL) EXECUTE FUNCTION accounts_count_protection();
"""
NO_TRIGGER = """
DROP TRIGGER accounts_user_protection ON accounts_user;
DROP FUNCTION accounts_count_protection();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_field_terms")]
    operations = [
        migrations.AddField(
            "user", "security_version", models.PositiveIntegerField(db_default=0, default=0, editable=False)
        ),
        migrations.AddField("recoveryrun", "security_version", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
