"""A citizen's request and what happened to it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Person, ProtectedByAnswers
from infra.leases import LeasedWork
from iran.numbers import E164, NATIONAL_CODE
from sms.models import OtpChallenge


class Status(models.TextChoices):
    """Where a request stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Being checked")
    ACTIVATED = "activated", _("Activated")
    BRANCH = "branch", _("Waits at the branch")
    MISMATCH = "mismatch", _("Identity does not match")
    EXPIRED = "expired", _("Expired undecided")
    REJECTED = "rejected", _("Refused")
    SUPERSEDED = "superseded", _("Replaced by a newer request")
    WITHDRAWN = "withdrawn", _("Withdrawn by the citizen")


class Operator(models.TextChoices):
    """The operator as the citizen declares it; numbers are portable, so the prefix tells nothing."""

    MCI = "mci", _("Hamrah-e Aval")
    IRANCELL = "irancell", _("Irancell")
    RIGHTEL = "rightel", _("RighTel")
    SHATEL = "shatel", _("Shatel Mobile")
    SAMANTEL = "samantel", _("Samantel")
    APTEL = "aptel", _("ApTel")
    OTHER = "other", _("Other operators")


UNSETTLED = frozenset({"mismatch", "similar"})  # of registration.identity.base.Finding

# What no submitted request lacks of what the identity step asks as text; the birth date is the other one.
NEVER_EMPTY = ("first_name", "last_name", "certificate_number", "gender", "country", "city")


class RegistrationRequest(Person, ProtectedByAnswers, LeasedWork):
    """One row that grows from the first step to the account.

    Born as `draft` when a mobile is to be proved; each step writes its part; the last one submits it. Then it is leased
    work: `due_at` and the lease tell when the identity is asked next. What a provider answered is kept question by
    question (`ownership`, `identity`), so that a crash repeats only the missing one.
    """

    Status = Status
    Operator = Operator

    class Ownership(models.TextChoices):
        OWNED = "owned", _("The mobile is the person's own")
        NOT_OWNED = "not_owned", _("The mobile is not the person's own")

    class Identity(models.TextChoices):
        MATCH = "match", _("Identity matches")
        MISMATCH = "mismatch", _("Identity does not match")
        NOT_FOUND = "not_found", _("No such person in the registry")
        DECEASED = "deceased", _("Deceased according to the registry")

    # Every move there is, made by registration.lifecycle.moves alone. A request is born as a draft.
    MOVES: ClassVar[dict[str, frozenset[str]]] = {
        Status.DRAFT: frozenset({Status.SUBMITTED}),
        Status.SUBMITTED: frozenset(
            {Status.ACTIVATED, Status.BRANCH, Status.MISMATCH, Status.EXPIRED, Status.WITHDRAWN}
        ),
        Status.BRANCH: frozenset({Status.ACTIVATED, Status.REJECTED, Status.SUPERSEDED, Status.WITHDRAWN}),
        Status.MISMATCH: frozenset({Status.ACTIVATED, Status.REJECTED, Status.SUPERSEDED, Status.WITHDRAWN}),
    }
    FINAL: ClassVar = frozenset(set(Status) - set(MOVES))
    OPEN: ClassVar = frozenset({Status.BRANCH, Status.MISMATCH})  # staff, or a newer request, may still move these
    DUE = models.F("due_at")
    CORRECTED = "corrected"  # in `findings`, where the registry's answer was: a clerk wrote what the documents have

    flow = models.CharField(
        _("form"), max_length=10, choices=[("portal", _("Three steps")), ("eservices", _("Four steps"))]
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    challenge = models.OneToOneField(
        OtpChallenge, models.PROTECT, related_name="registration_request", db_column="verification_id"
    )
    mobile = models.CharField(_("mobile"), max_length=16)
    operator = models.CharField(_("operator"), max_length=8, choices=Operator)
    country = models.CharField(_("country"), max_length=2, blank=True, default="")
    city = models.CharField(_("city"), max_length=80, blank=True, default="")
    # Of the city, for the desk's lists; empty abroad, and where the list of cities does not know it.
    province = models.CharField(_("province"), max_length=60, blank=True, default="", db_default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    password_hash = models.CharField(max_length=160, blank=True, default="", editable=False)
    tracking_code = models.CharField(_("tracking code"), max_length=12, null=True)  # noqa: DJ001  unique
    # Step → field → what stands there unjudged, of a draft whose citizen has left the page. Never a secret.
    typed = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), editable=False)

    ownership = models.CharField(_("ownership of the mobile"), max_length=9, choices=Ownership, blank=True, default="")
    identity = models.CharField(_("identity"), max_length=9, choices=Identity, blank=True, default="")
    findings = models.JSONField(_("findings by field"), default=dict)
    provider_reference = models.CharField(_("provider's reference"), max_length=80, blank=True, default="")

    # Nobody could tell the citizen by text message what became of the request; a clerk may.
    undelivered = models.BooleanField(_("result did not arrive"), default=False, db_default=False)
    # Queues at the desk: one person has seen the documents and a second one must; the day's checks were used up.
    awaits_second = models.BooleanField(default=False, db_default=False, editable=False)
    capped = models.BooleanField(default=False, db_default=False, editable=False)
    asking_again = models.BooleanField(default=False, db_default=False, editable=False)  # while it waits for a clerk
    # Who has sent the person here to register: a mark of accounts.sign_in.callers; empty: nobody.
    came_from = models.CharField(max_length=40, blank=True, default="", db_default="", editable=False)
    due_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(_("begun"), db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("registration request"), _("registration requests")
        permissions = [
            ("decide_registrationrequest", _("Can activate or refuse requests")),
            ("confirm_registrationrequest", _("Can give the second word about a request")),
            ("everywhere_registrationrequest", _("Can see the requests of every province")),
        ]
        indexes = [
            models.Index("due_at", name="request_due", condition=Q(status="submitted")),
            models.Index("due_at", name="request_due_again", condition=Q(asking_again=True)),
            models.Index(fields=["national_code", "-id"], name="request_national_code"),
            models.Index("created_at", name="request_drafts", condition=Q(status="draft")),
            # The desk: lists by the time of submission, everywhere, of a province, of a city; what a clerk searches by.
            models.Index("status", "submitted_at", "id", name="request_status_at"),
            models.Index("province", "status", "submitted_at", "id", name="request_province_at"),
            models.Index("city", "status", "submitted_at", "id", name="request_city_at"),
            *(
                models.Index(
                    *place, "status", "submitted_at", "id", name=f"request_{queue}_{end}", condition=Q((queue, True))
                )
                for queue in ("undelivered", "awaits_second", "capped")
                for place, end in (((), "at"), (("province",), "in"))
            ),
            models.Index("submitted_at", name="request_submitted_at"),
            models.Index("mobile", name="request_mobile"),
            models.Index(fields=["last_name_key"], opclasses=["varchar_pattern_ops"], name="request_last_name"),
            models.Index(
                fields=["province", "last_name_key"],
                opclasses=["varchar_ops", "varchar_pattern_ops"],
                name="request_province_name",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["national_code"], condition=Q(status="submitted"), name="request_one_submitted_per_person"
            ),
            models.UniqueConstraint(fields=["tracking_code"], name="request_tracking_code"),
            models.CheckConstraint(
                condition=Q(national_code__regex=NATIONAL_CODE), name="request_national_code_digits"
            ),
            models.CheckConstraint(condition=Q(mobile__regex=E164), name="request_mobile_e164"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="request_known_status"),
            models.CheckConstraint(
                condition=Q(status="draft")
                | Q(
                    *(~Q(**{name: ""}) for name in NEVER_EMPTY),
                    birth_date__isnull=False,
                    question_1__isnull=False,
                    tracking_code__isnull=False,
                ),
                name="request_complete_unless_draft",
            ),
            models.CheckConstraint(  # moved to the account or dropped when nothing can come of them any more
                condition=Q(status="draft")
                | (Q(status__in=["submitted", "branch", "mismatch"]) & ~Q(password_hash="") & ~Q(answers_hash=""))
                | Q(
                    status__in=["activated", "expired", "rejected", "superseded", "withdrawn"],
                    password_hash="",
                    answers_hash="",
                ),
                name="request_secrets_while_open",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", submitted_at=None) | (~Q(status="draft") & Q(submitted_at__isnull=False)),
                name="request_submitted_at_unless_draft",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "submitted"], decided_at=None)
                | (~Q(status__in=["draft", "submitted"]) & Q(decided_at__isnull=False)),
                name="request_decided_at_iff_decided",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["branch", "mismatch"]) | ~Q(identity=""), name="request_decided_by_an_answer"
            ),
            models.CheckConstraint(condition=Q(status="draft") | Q(typed={}), name="request_typed_in_drafts_alone"),
        ]

    def __str__(self) -> str:
        return _("request %(code)s") % {"code": self.tracking_code or self.pk}

    def differing(self) -> list[str]:
        """Names of the identity's fields that the registry has otherwise, or nearly so."""
        return [name for name in self.IDENTITY_FIELDS if self.findings.get(name) in UNSETTLED]

    def has_identity(self) -> bool:
        """Whether the identity step was answered, with all that is asked today."""
        return self.birth_date is not None and all(getattr(self, name) for name in NEVER_EMPTY)


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
