"""Services of the organization that sign people in here, what was done about them, and how much they are used."""

from typing import ClassVar

from authlib.common.urls import add_params_to_uri
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

SHA256 = r"^[0-9a-f]{64}$"
SCOPES = ("openid", "profile", "phone", "email", "national_code", "identity_check", "offline_access")
ALGORITHMS = ("RS256", "ES256")


class Service(models.Model):
    """A service that signs people in here ("relying party", "client"). sso.desk.services alone changes these rows.

    Addresses are compared sign by sign. `scopes`: what it is entitled to, of SCOPES. `sector`: services of one sector
    know a person by the same `sub`. `lowest_acr`: the level of sign-in (sso.person.levels) below which nobody comes in.
    `initiate_login_uri`: of OpenID Connect Core 1.0, 4. `identity_checks`: which of accounts.User.IdentityCheck it
    accepts; empty: it does not ask.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Entered, not open yet")
        TEST = "test", _("In test")
        OPEN = "open", pgettext_lazy("service", "Open")  # not that of a branch’s hours
        CLOSED = "closed", _("Closed")

    class Auth(models.TextChoices):
        PRIVATE_KEY_JWT = "private_key_jwt", _("Signed assertion (private_key_jwt)")
        BASIC = "client_secret_basic", _("Secret, in the header (client_secret_basic)")
        POST = "client_secret_post", _("Secret, in the form (client_secret_post)")
        NONE = "none", _("None: an app on people’s phones (https app links)")

    SECRETS: ClassVar = (Auth.BASIC, Auth.POST)

    client_id = models.CharField(_("client_id"), max_length=40, unique=True)
    name_fa = models.CharField(_("name in Persian"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    description_fa = models.CharField(_("what it is for, in Persian"), max_length=160, blank=True, default="")
    description_en = models.CharField(_("what it is for, in English"), max_length=160, blank=True, default="")
    address = models.CharField(_("address of its first page"), max_length=300)
    initiate_login_uri = models.CharField(_("address where a sign-in begins"), max_length=300, blank=True, default="")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    auth_method = models.CharField(_("how it proves who it is"), max_length=20, choices=Auth)
    secret_hash = models.CharField(max_length=64, blank=True, default="")
    jwks = models.JSONField(_("its public keys (JWKS)"), default=dict, blank=True)
    keys_end_on = models.DateField(_("its keys end on"), null=True, blank=True)
    redirect_uris = models.JSONField(_("redirect addresses"), default=list)
    post_logout_uris = models.JSONField(_("addresses after signing out"), default=list, blank=True)
    backchannel_uri = models.CharField(_("address for notices of sign-outs"), max_length=300, blank=True, default="")
    scopes = models.JSONField(_("entitled to"), default=list)
    sector = models.CharField(_("sector"), max_length=40)
    id_token_alg = models.CharField(
        _("signature of ID tokens"), max_length=5, choices=[(name, name) for name in ALGORITHMS], default="RS256"
    )
    lowest_acr = models.PositiveSmallIntegerField(_("lowest level of sign-in"), choices=[(1, "1"), (2, "2")], default=1)
    identity_checks = models.JSONField(_("identity checks that it accepts"), default=list, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("service"), _("services")
        ordering = ["name_fa"]
        permissions = [("open_service", "Can open and close services")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "test", "open", "closed"]), name="service_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(secret_hash="") | Q(secret_hash__regex=SHA256), name="service_secret_hash"
            ),
            models.CheckConstraint(condition=Q(lowest_acr__in=[1, 2]), name="service_lowest_acr"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def alive(cls) -> list[str]:
        """The states in which people can sign in there: those in test only where the portal itself is a trial."""
        return [cls.State.OPEN, *([cls.State.TEST] if settings.SSO_TRIAL else [])]

    @property
    def name(self) -> str:
        """In the language of the page."""
        return self.name_en if get_language() == "en" else self.name_fa

    @property
    def description(self) -> str:
        """In the language of the page; or empty."""
        return self.description_en if get_language() == "en" else self.description_fa

    @property
    def start(self) -> str:
        """Where people are led who are to sign in there. It is told who sends them (Core, 4), and nothing of them."""
        if not self.initiate_login_uri:
            return self.address
        address: str = add_params_to_uri(self.initiate_login_uri, [("iss", settings.SSO_ISSUER)])
        return address


class ServiceEvent(models.Model):
    """What was done about a service: append-only. `detail`: the names of the columns that were changed; no values."""

    class Kind(models.TextChoices):
        ENTERED = "entered", _("Entered")
        CHANGED = "changed", _("Changed")
        SECRET = "secret", _("Was given a new secret")
        TESTED = "tested", _("May be tried out")
        OPENED = "opened", _("Opened")
        CLOSED = "closed", _("Closed")

    service = models.ForeignKey(Service, models.PROTECT, related_name="events", verbose_name=_("service"))
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    kind = models.CharField(_("what happened"), max_length=8, choices=Kind)
    detail = models.CharField(_("what was changed"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name, verbose_name_plural = _("change of a service"), _("changes of services")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class ServiceUse(models.Model):
    """How often something happened at a service on a day (of Tehran): numbers alone, of nobody. See sso.use."""

    class What(models.TextChoices):
        SIGN_IN = "sign-in", _("Sign-ins")
        TOKENS = "tokens", _("Answers with tokens")
        REFUSED = "refused", _("Refusals")

    service = models.ForeignKey(Service, models.CASCADE, related_name="+")
    day = models.DateField()
    what = models.CharField(max_length=8, choices=What)
    error = models.CharField(max_length=40, blank=True, default="")
    number = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("service", "day", "what", "error", name="service_use_once_a_day")]

    def __str__(self) -> str:
        return f"use {self.pk}"
