"""Changes of an account's identity after a legal change: one of the staff enters, another one confirms or refuses."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


def kept(value: Any) -> str:
    """A value of an identity as events keep it: text, a date as ISO 8601."""
    return value.isoformat() if isinstance(value, dt.date) else str(value or "")


def as_value(model: type[models.Model], name: str, text: str) -> Any:
    """The other way round: as the column of `model` has it."""
    field = model._meta.get_field(name)
    return field.to_python(text) if text else field.get_default()  # type: ignore[union-attr]


class IdentityChange(models.Model):
    """What stands on the documents of an account's owner, and who has seen them. The account has it once confirmed.

    `changes`: field of IDENTITY_FIELDS → [before, after], dates as ISO 8601. `words`: the reason and the documents, of
    who entered it; those of who decided are in the event.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for the second person")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Refused")

    account = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="identity_changes", verbose_name=_("account")
    )
    changes = models.JSONField(_("what was changed"))
    words = models.CharField(_("clerk’s words"), max_length=300)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.WAITING)
    entered_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    entered_at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("change of an identity"), _("changes of identities")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(state="waiting"), name="identity_change_one_waits"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | Q(state__in=["confirmed", "refused"], decided_by__isnull=False, decided_at__isnull=False),
                name="identity_change_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(decided_by=F("entered_by")), name="identity_change_by_two"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="identity_change_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"identity change {self.pk}"
