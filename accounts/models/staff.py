"""Rows about the staff of the branch desk: the authenticator app, and what was changed about whom by whom."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class StaffFactor(models.Model):
    """The authenticator app of a member of the staff (accounts.sign_in.totp). The nonce alone tells nothing.

    `last_step`: the 30-second step (Unix time // 30) of the newest code that was accepted; an older one, or the same
    one again, is refused. The first accepted code confirms that the app has the secret.
    """

    user = models.OneToOneField("accounts.User", models.CASCADE, related_name="factor")
    nonce = models.BinaryField(max_length=16)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at=None, last_step=0) | Q(confirmed_at__isnull=False, last_step__gt=0),
                name="staff_factor_confirmed_by_a_code",
            ),
        ]

    def __str__(self) -> str:
        return f"factor {self.pk}"


class StaffEvent(models.Model):
    """What was done about a member of the staff: append-only. `actor` is empty when an operator did it, on a terminal.

    `before` and `after` are the names of two branches or of two roles; each is empty where there was or is none.
    """

    class Kind(models.TextChoices):
        ADDED = "added", _("Became a member of the staff")
        BRANCH = "branch", _("Works at another branch")
        ROLE = "role", _("Has another role")
        DEACTIVATED = "deactivated", _("Works at the desk no longer")
        REACTIVATED = "reactivated", _("Works at the desk again")
        FACTOR_RESET = "factor_reset", _("Was given a new secret for the authenticator app")
        PASSWORD_SET = "password_set", _("Was given a new password")

    account = models.ForeignKey("accounts.User", models.PROTECT, related_name="staff_events", verbose_name=_("about"))
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    actor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    kind = models.CharField(_("what happened"), max_length=16, choices=Kind)
    before = models.CharField(_("before"), max_length=100, blank=True, default="")
    after = models.CharField(_("after"), max_length=100, blank=True, default="")

    class Meta:
        verbose_name, verbose_name_plural = _("change of the staff"), _("changes of the staff")
        ordering = ["pk"]
        indexes = [models.Index("account", "id", name="staff_event_account")]
        constraints = [
            models.CheckConstraint(
                condition=Q(before="") | Q(kind__in=["branch", "role"]), name="staff_event_only_moves_have_a_before"
            ),
        ]

    def __str__(self) -> str:
        return f"staff event {self.pk}"
