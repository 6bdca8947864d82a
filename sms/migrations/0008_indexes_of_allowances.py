"""The indexes of what 0007 began, made while others write; those of the limits of before go."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sms", "0007_codes_by_allowance")]
    operations = [
        AddIndexConcurrently(
            "message",
            models.Index("national_code", "created_at", name="message_recovery", condition=Q(purpose="recovery")),
        ),
        AddIndexConcurrently(
            "message", models.Index("created_at", name="message_unconfirmed", condition=Q(unconfirmed=True))
        ),
        AddIndexConcurrently(
            "message",
            models.Index("client_ip", "created_at", name="message_unconfirmed_ip", condition=Q(unconfirmed=True)),
        ),
        AddIndexConcurrently(
            "message",
            models.Index(
                "client_network", "created_at", name="message_unconfirmed_network", condition=Q(unconfirmed=True)
            ),
        ),
        AddIndexConcurrently(
            "otpchallenge",
            models.Index("national_code", "created_at", name="challenge_recovery", condition=Q(purpose="recovery")),
        ),
        RemoveIndexConcurrently("message", "message_subject"),
        RemoveIndexConcurrently("message", "message_source"),
    ]
