"""What happened to a request, event by event."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from registration.models.request import RegistrationRequest, Status

# Kinds of events that have no status before and after.
STILL = [
    *("viewed", "looked", "reached", "code_sent", "mobile_proved", "asked_again", "answered_again", "sent_again"),
    *("noted", "taken", "handed_back", "handed_over", "caller_code", "caller_verified", "caller_failed"),
]


class RequestEvent(models.Model):
    """What happened to a request: append-only. `actor` is empty when the portal or the citizen acted.

    `kind` says what happened; `words` is what a clerk wrote about it, kept for colleagues, empty when there is nothing.
    A kind that moves the request has the statuses before and after; `account_existed`, `first_word` and `corrected`
    have its status twice; those of STILL have none.
    `changes`: of `corrected`, field → [before, after], dates as ISO 8601. `colleague`: of `handed_over`, to whom.
    """

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("The citizen sent the request")
        DECIDED = "decided", _("The identity check decided the request")
        EXPIRED = "expired", _("The time for a decision ran out")
        CAPPED = "capped", _("The day’s checks for this national code were used up")
        SUPERSEDED = "superseded", _("A newer request took the place of this one")
        WITHDRAWN = "withdrawn", _("The citizen withdrew the request")
        LOOKED = "looked", _("The citizen saw which data do not agree")
        DOCUMENTS_SEEN = "documents_seen", _("Identity documents were seen")
        FIRST_WORD = "first_word", _("Documents were seen; a second person must confirm it")
        SECOND_WORD = "second_word", _("A second person confirmed the documents")
        CORRECTED = "corrected", _("A clerk corrected the data from the documents")
        REJECTED = "rejected", _("A clerk refused the request")
        ACCOUNT_EXISTED = "account_existed", _("An account existed already")
        VIEWED = "viewed", _("The record was opened")
        REACHED = "reached", _("The record was opened from another province")
        CODE_SENT = "code_sent", _("A code was sent to the mobile")
        MOBILE_PROVED = "mobile_proved", _("The code from the mobile was right")
        ASKED_AGAIN = "asked_again", _("The registry is asked again")
        ANSWERED_AGAIN = "answered_again", _("The registry answered once more")
        SENT_AGAIN = "sent_again", _("The result was sent again")
        NOTED = "noted", _("Note")
        TAKEN = "taken", _("Took the request")
        HANDED_BACK = "handed_back", _("Handed the request back")
        HANDED_OVER = "handed_over", _("Handed the request over")
        CALLER_CODE = "caller_code", _("A code was sent to a caller")
        CALLER_VERIFIED = "caller_verified", _("The caller told the right code")
        CALLER_FAILED = "caller_failed", _("The caller did not tell the right code")

    request = models.ForeignKey(RegistrationRequest, models.PROTECT, related_name="events")
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    actor = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+", verbose_name=_("who"))
    kind = models.CharField(_("what happened"), max_length=16, choices=Kind)
    changes = models.JSONField(_("what was changed"), null=True)
    colleague = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("to whom")
    )
    from_status = models.CharField(_("from"), max_length=10, choices=Status, blank=True, default="")
    to_status = models.CharField(_("to"), max_length=10, choices=Status, blank=True, default="")
    words = models.CharField(_("clerk’s words"), max_length=300, blank=True, default="", db_column="reason")
    client_network = models.GenericIPAddressField(
        _("address"), null=True, db_column="source", help_text=_("Network of the client's address.")
    )

    class Meta:
        verbose_name, verbose_name_plural = _("event"), _("events")
        ordering = ["pk"]
        indexes = [
            models.Index("request", "id", name="event_request"),
            # The desk's lists of them.
            models.Index("at", name="event_staff_at", condition=Q(actor__isnull=False)),
            models.Index("actor", "at", name="event_actor_at", condition=Q(actor__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="submitted", from_status="draft", to_status="submitted")
                | Q(kind="decided", from_status="submitted", to_status__in=["activated", "branch", "mismatch"])
                | Q(kind__in=["expired", "capped"], from_status="submitted", to_status="expired")
                | Q(kind="superseded", from_status__in=["branch", "mismatch"], to_status="superseded")
                | Q(kind="withdrawn", from_status__in=["submitted", "branch", "mismatch"], to_status="withdrawn")
                | Q(kind="documents_seen", from_status__in=["branch", "mismatch"], to_status="activated")
                | Q(kind__in=["first_word", "corrected"], from_status="mismatch", to_status="mismatch")
                | Q(kind="second_word", from_status="mismatch", to_status="activated")
                | Q(kind="rejected", from_status__in=["branch", "mismatch"], to_status="rejected")
                | Q(
                    kind="account_existed",
                    from_status__in=["submitted", "branch", "mismatch"],
                    to_status=F("from_status"),
                )
                | Q(kind__in=STILL, from_status="", to_status=""),
                name="event_kind_agrees_with_statuses",
            ),
            models.CheckConstraint(
                condition=Q(kind="corrected", changes__isnull=False) | (~Q(kind="corrected") & Q(changes__isnull=True)),
                name="event_changes_are_of_corrections",
            ),
            models.CheckConstraint(
                condition=Q(kind="handed_over", colleague__isnull=False)
                | (~Q(kind="handed_over") & Q(colleague__isnull=True)),
                name="event_colleague_is_of_handing_over",
            ),
            models.CheckConstraint(condition=Q(words="") | Q(actor__isnull=False), name="event_words_are_somebodys"),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"
