"""Sessions are found by the hash of their key. Those that are open go on: their keys stay in the browsers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MOVE = """
DO $$ BEGIN
  IF to_regclass('django_session') IS NOT NULL THEN
    INSERT INTO accounts_browsersession (session_key, session_data, expire_date, name)
    SELECT left(encode(sha256(convert_to(session_key, 'UTF8')), 'hex'), 40), session_data, expire_date, ''
    FROM django_session WHERE expire_date > statement_timestamp();
    DROP TABLE django_session;
  END IF;
END $$
"""
# A key cannot be had back from its hash: these sessions end.
BACK = """
CREATE TABLE django_session (
  session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date timestamptz NOT NULL
);
CREATE INDEX django_session_expire_date_a5c62663 ON django_session (expire_date);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_security_version")]
    operations = [
        migrations.CreateModel(
            name="BrowserSession",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("name", models.CharField(blank=True, default="", max_length=60)),
                ("started_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "session", "verbose_name_plural": "sessions", "abstract": False},
        ),
        migrations.RunSQL(MOVE, BACK),
    ]
