"""A citizen's request."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
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
