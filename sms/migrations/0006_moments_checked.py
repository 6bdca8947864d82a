"""What 0005 began, without a lock that anybody would wait for: rows are checked and indexed while others write."""

from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Coalesce


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sms", "0005_moments")]
    operations = [
        ValidateConstraint("message", "message_wiped_when_final"),
        ValidateConstraint("message", "message_accepted_at_iff_accepted"),
        ValidateConstraint("message", "message_send_at_iff_queued"),
        ValidateConstraint("message", "message_ask_at_while_asked_about"),
        AddIndexConcurrently(
            "message",
            models.Index(
                Coalesce("send_at", "ask_at"), name="message_work", condition=Q(state__in=["queued", "unknown"])
            ),
        ),
        AddIndexConcurrently(
            "message", models.Index("ask_at", name="message_ask", condition=Q(state="accepted"))
        ),
        migrations.RemoveIndex("message", "message_due"),
        migrations.RemoveIndex("message", "message_asked_for"),
        migrations.RemoveField("message", "due_at"),
    ]
