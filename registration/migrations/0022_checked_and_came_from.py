"""For which service a request was begun; and how the identity of older accounts was checked, as far as the events of their requests tell; in small
batches, and once more by `manage.py fill_accounts`.

What the identity check decided is "registry", what staff decided by documents "branch". A request that met an account
(`account_existed`) says nothing about it. Accounts that nobody registered for here keep an empty one: docs/decisions/0056.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import Max

BATCH = 1_000
FILL = """
UPDATE accounts_user SET identity_check = found.identity_check
FROM (
    SELECT account.id, known.identity_check FROM accounts_user AS account CROSS JOIN LATERAL (
        SELECT CASE event.kind WHEN 'decided' THEN 'registry' ELSE 'branch' END AS identity_check
        FROM registration_registrationrequest AS request
        JOIN registration_requestevent AS event ON event.request_id = request.id
        WHERE request.national_code = account.national_code AND request.status = 'activated'
        AND event.kind IN ('decided', 'documents_seen', 'second_word') AND event.to_status = 'activated'
        AND NOT EXISTS (
            SELECT FROM registration_requestevent AS met
            WHERE met.request_id = request.id AND met.kind = 'account_existed'
        )
        ORDER BY event.id DESC LIMIT 1
    ) AS known
    WHERE account.id > %s AND account.id <= %s
    AND account.activated_at IS NOT NULL AND account.identity_check = ''
) AS found
WHERE accounts_user.id = found.id
"""


def fill(apps: Any, schema_editor: Any) -> None:
    last = apps.get_model("accounts", "User").objects.aggregate(last=Max("pk"))["last"] or 0
    with schema_editor.connection.cursor() as cursor:
        for after in range(0, last, BATCH):
            cursor.execute(FILL, [after, after + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("registration", "0021_callers"), ("accounts", "0017_identity_check")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddField(
            "registrationrequest",
            "came_from",
            models.CharField(max_length=40, blank=True, default="", db_default="", editable=False),
        ),
    ]
