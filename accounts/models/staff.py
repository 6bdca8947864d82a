"""Rows about the staff of the branch desk: enrolment, authenticator app, and what was changed about whom by whom."""

from django.db import models
from django.db.models import F, Q
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


class StaffRecoveryCode(models.Model):
    """One of the codes that serve once where the app cannot (accounts.sign_in.recovery_codes): a keyed hash of it."""

    factor = models.ForeignKey(StaffFactor, models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["factor", "code_hash"], name="staff_recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class StaffEnrolment(models.Model):
    """A code, good once, by which a member sets up password and app on an own device (accounts.staff.enrolment).

    The row goes when the enrolment is finished, withdrawn or begun anew. `attempts` counts every code that was typed,
    the right one too. `openings`: how often it was right; only the browser where it was typed last goes on. `nonce`: of
    the app's secret that this browser is shown; empty before.
    """

    MAX_ATTEMPTS = 10

    user = models.OneToOneField("accounts.User", models.CASCADE, related_name="enrolment")
    code_hash = models.CharField(max_length=64)
    attempts = models.PositiveSmallIntegerField(default=0)
    openings = models.PositiveSmallIntegerField(default=0)
    nonce = models.BinaryField(max_length=16, default=bytes)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(attempts__lte=10), name="staff_enrolment_ten_attempts"),
            models.CheckConstraint(condition=Q(openings__lte=F("attempts")), name="staff_enrolment_opened_by_attempts"),
        ]
        permissions = [("view_staff", "Can see the staff"), ("change_staff", "Can invite, move and put off staff")]

    def __str__(self) -> str:
        return f"enrolment {self.pk}"


class StaffEvent(models.Model):
    """What was done about a member of the staff: append-only. `actor` is empty when an operator did it, on a terminal.

    `before` and `after` are the names of two branches or of two roles; each is empty where there was or is none.
    `words`: why, as the actor wrote it.
    """

    class Kind(models.TextChoices):
        ADDED = "added", _("Was invited to the staff")
        CODE_GIVEN = "code_given", _("Was given a new enrolment code")
        ENROLLED = "enrolled", _("Enrolled: password, authenticator app, recovery codes")
        BRANCH = "branch", _("Works at another branch")
        ROLE = "role", _("Has another role")
        DEACTIVATED = "deactivated", _("Works at the desk no longer")
        REACTIVATED = "reactivated", _("Was invited to the desk again")
        FACTOR_RESET = "factor_reset", _("The authenticator app was reset")
        PASSWORD_SET = "password_set", _("The password was reset")
        SESSIONS_ENDED = "sessions_ended", _("The session at the desk was ended")
        RECOVERY_USED = "recovery_used", _("Used a recovery code")
        RECOVERY_MADE = "recovery_made", _("Made new recovery codes")

    account = models.ForeignKey("accounts.User", models.PROTECT, related_name="staff_events", verbose_name=_("about"))
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    actor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    kind = models.CharField(_("what happened"), max_length=16, choices=Kind)
    before = models.CharField(_("before"), max_length=100, blank=True, default="")
    after = models.CharField(_("after"), max_length=100, blank=True, default="")
    words = models.CharField(_("why"), max_length=200, blank=True, default="", db_default="")

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
        return f"{self._meta.verbose_name} {self.pk}"
