"""Rows about browsers: those that an account knows, and the sessions that are open in them."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now


class Device(models.Model):
    """A browser that has signed in to an account with a code; later the password is enough there.

    The browser keeps a random token, the row its SHA-256. One browser may be known to several accounts of a household.
    """

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="devices")
    token_hash = models.CharField(max_length=64)
    name = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_hash", "user"], name="device_once_per_account"),
        ]

    def __str__(self) -> str:
        return f"device {self.pk}"


class BrowserSession(AbstractBaseSession):
    """A session, found by the hash of the key that its browser holds (accounts.sign_in.session_store).

    What stands beside the signed data is copied from there, for the list that the signed-in person sees.
    """

    user = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="sessions")
    name = models.CharField(max_length=60, blank=True, default="")
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_module(settings.SESSION_ENGINE).SessionStore

    def __str__(self) -> str:
        return "session"
