"""What services were given for a person: names, agreements, sign-ins with their codes and tokens, notices of ends."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from infra.leases import LeasedWork
from sso.models.services import SHA256, Service


class Subject(models.Model):
    """By which name the services of a sector know a person: random, for ever, and told to no other sector."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    sector = models.CharField(max_length=40)
    value = models.CharField(max_length=22, unique=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "sector"], name="subject_once_per_sector")]

    def __str__(self) -> str:
        return f"subject {self.pk}"


class Connection(models.Model):
    """What a person has agreed to that a service learns: `scopes`, at `given_at`; until `revoked_at`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    scopes = models.JSONField(default=list)
    given_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "service"], name="connection_once_per_service")]

    def __str__(self) -> str:
        return f"connection {self.pk}"


class PendingRequest(models.Model):
    """A valid authorization request that waits for somebody to sign in or to agree. `key` stands in its address.

    `params`: as the service sent them, as far as they are needed. `meant`: the `sub` of the person whom the service
    means (empty: somebody whom nobody is), null for anybody. `session`: SHA-256 of the name of the session in which it
    began, empty where nobody was signed in; who has signed in since `began_at`, in another session, has signed in for
    it.
    """

    key = models.CharField(max_length=43, unique=True)
    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    params = models.JSONField()
    meant = models.CharField(max_length=22, null=True)  # noqa: DJ001  nobody at all is not anybody
    session = models.CharField(max_length=64, blank=True, default="")
    began_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"pending request {self.pk}"


class Authorization(models.Model):
    """One sign-in at a service: a code, used once within a minute, and all tokens that came of it.

    `session`: SHA-256 of the name of the browser session here; `sid`: what the service calls it. `device`: the id of
    the accounts.Device whose end ends this, empty without one. `security_version`: of the account at that moment;
    whatever changes the account's protection ends this (accounts.protection). `levels` of sso.person.levels.
    """

    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    code_expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    redirect_uri = models.CharField(max_length=300)
    scope = models.CharField(max_length=120)
    nonce = models.CharField(max_length=255, blank=True, default="")
    code_challenge = models.CharField(max_length=43)
    auth_time = models.DateTimeField()
    acr = models.PositiveSmallIntegerField()
    sid = models.CharField(max_length=43)
    session = models.CharField(max_length=64)
    device = models.BigIntegerField(null=True)
    security_version = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index("session", name="authorization_session", condition=Q(ended_at=None)),
            models.Index("user", "service", name="authorization_of_a_person", condition=Q(ended_at=None)),
            models.Index("created_at", name="authorization_created"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(code_hash__regex=SHA256), name="authorization_code_is_hashed"),
            models.CheckConstraint(condition=Q(acr__in=[1, 2]), name="authorization_acr"),
        ]

    def __str__(self) -> str:
        return f"authorization {self.pk}"


class Token(models.Model):
    """An access or refresh token. A refresh token is used once; one that comes again ends its authorization."""

    class Kind(models.TextChoices):
        ACCESS = "access"
        REFRESH = "refresh"

    authorization = models.ForeignKey(Authorization, models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=7, choices=Kind)
    hash = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=120)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hash__regex=SHA256), name="token_is_hashed"),
            models.CheckConstraint(
                condition=Q(kind="refresh") | Q(kind="access", used_at=None), name="token_used_once_if_it_refreshes"
            ),
        ]

    def __str__(self) -> str:
        return f"token {self.pk}"


class UsedAssertion(models.Model):
    """An assertion by which a service proved who it is: it proves nothing again. Kept until it has expired."""

    hash = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return "assertion"


class LogoutNotice(LeasedWork):
    """A service is told that a sign-in is over ("back-channel logout"): once for each, tried until it is final."""

    class Outcome(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"

    DUE = F("send_at")

    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    sub = models.CharField(max_length=22)
    sid = models.CharField(max_length=43)
    jti = models.CharField(max_length=43, unique=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    send_at = models.DateTimeField(null=True, db_default=Now())
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.WAITING)

    class Meta:
        indexes = [models.Index("send_at", name="logout_notice_due", condition=Q(send_at__isnull=False))]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="waiting", send_at__isnull=False) | Q(~Q(outcome="waiting"), send_at=None),
                name="logout_notice_final_is_not_due",
            ),
        ]

    def __str__(self) -> str:
        return f"logout notice {self.pk}"
