"""Rows about the services that are asked about people: how they do, their tokens, what each question came to."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from iran.numbers import NATIONAL_CODE


class ProviderHealth(models.Model):
    """The circuit breaker of one service (registration.identity.breaker); all workers share it."""

    provider = models.CharField(max_length=20, primary_key=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    openings = models.PositiveIntegerField(default=0)  # since the last answer
    open_until = models.DateTimeField(null=True)  # nobody asks before; set until an answer comes
    probe_until = models.DateTimeField(null=True)  # after open_until one worker asks, and has until then

    def __str__(self) -> str:
        return self.provider


class ProviderToken(models.Model):
    """The access token of one service, sealed (registration.identity.tokens); all workers share it."""

    provider = models.CharField(max_length=20, primary_key=True)
    sealed = models.BinaryField(default=b"")
    expires_at = models.DateTimeField(null=True)
    renewing_until = models.DateTimeField(null=True)  # one worker fetches a new one, and has until then

    def __str__(self) -> str:
        return self.provider


class IdentityCheck(models.Model):
    """One question that cost money, or may have: the ledger that LIMIT_INQUIRIES_PER_NATIONAL_CODE counts.

    `outcome` is empty from before the question until its answer, so a question whose worker died counts as paid.
    """

    class Operation(models.TextChoices):
        OWNERSHIP = "ownership"
        IDENTITY = "identity"

    NO_ANSWER = "no answer"

    national_code = models.CharField(max_length=10)
    provider = models.CharField(max_length=20)
    operation = models.CharField(max_length=9, choices=Operation)
    outcome = models.CharField(max_length=9, blank=True, default="")  # a value of Ownership or Identity, or NO_ANSWER
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "registration_inquiry"  # of its first version
        indexes = [
            models.Index("national_code", "at", name="inquiry_paid", condition=~Q(outcome="no answer")),
            models.Index("at", name="inquiry_at"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(national_code__regex=NATIONAL_CODE), name="inquiry_code_digits"),
        ]

    def __str__(self) -> str:
        return f"inquiry {self.pk}"
