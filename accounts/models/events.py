"""Rows about what the branch desk did with a citizen's account, and what came of it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AccountEvent(models.Model):
    """What happened to a citizen's account at the desk: append-only.

    `actor` is empty where the citizen went on with what the desk had begun (`recovered`). `words` is the reason, and
    which documents were seen. `changes`: field → [before, after], of a mobile and of an identity (dates as ISO 8601);
    of `code_sent`, ["", the number that the code went to]. `security_version`: what the account's was afterwards, so
    that an event tells whether its protection was changed since.
    """

    class Kind(models.TextChoices):
        VIEWED = "viewed", _("The account was opened")
        LOCKED = "locked", _("The account was locked")
        UNLOCKED = "unlocked", _("The account was unlocked")
        SESSIONS_ENDED = "sessions_ended", _("All sessions were ended and all devices forgotten")
        CODE_SENT = "code_sent", _("A code was sent to a new mobile")
        MOBILE_CHANGED = "mobile_changed", _("The mobile was changed")
        RECOVERY_STARTED = "recovery_started", _("A recovery without answers was started")
        RECOVERED = "recovered", _("The citizen set a new password and new questions")
        CLOSED = "closed", _("The account was closed")
        REOPENED = "reopened", _("The account was opened again")
        REACHED = "reached", _("The account was opened from another province")
        CALLER_CODE = "caller_code", _("A code was sent to a caller")
        CALLER_VERIFIED = "caller_verified", _("The caller told the right code")
        CALLER_FAILED = "caller_failed", _("The caller did not tell the right code")
        IDENTITY_ENTERED = "identity_entered", _("A change of the identity was entered")
        IDENTITY_CHANGED = "identity_changed", _("The identity was changed")
        IDENTITY_REFUSED = "identity_refused", _("A change of the identity was refused")
        IDENTITY_SEEN = "identity_seen", _("The identity was checked by documents")

    LOOKS = (Kind.VIEWED, Kind.REACHED)
    NOTHING_DONE = (*LOOKS, Kind.CALLER_CODE)  # what a caller told is an act, not that a code went

    account = models.ForeignKey("accounts.User", models.PROTECT, related_name="desk_events", verbose_name=_("account"))
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    actor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    kind = models.CharField(_("what happened"), max_length=16, choices=Kind)
    words = models.CharField(_("clerk’s words"), max_length=300, blank=True, default="")
    changes = models.JSONField(_("what was changed"), null=True)
    security_version = models.PositiveIntegerField()
    client_network = models.GenericIPAddressField(
        _("address"), null=True, help_text=_("Network of the client's address.")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("event of an account"), _("events of accounts")
        ordering = ["pk"]
        indexes = [
            models.Index("account", "id", name="account_event_account"),
            models.Index("at", name="account_event_at"),
            models.Index("actor", "at", name="account_event_actor_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="recovered", actor=None) | (~Q(kind="recovered") & Q(actor__isnull=False)),
                name="account_event_by_staff",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["viewed", "recovered"]) | ~Q(words=""), name="account_event_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(changes__isnull=True)
                | Q(kind__in=["mobile_changed", "code_sent", "identity_entered", "identity_changed"]),
                name="account_event_only_changes_have_changes",
            ),
        ]

    def __str__(self) -> str:
        return f"account event {self.pk}"
