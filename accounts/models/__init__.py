"""Rows of this app: who a citizen is, branches, what protects an account."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models.browsers import BrowserSession, Device
from accounts.models.changes import IdentityChange
from accounts.models.events import AccountEvent
from accounts.models.staff import StaffEnrolment, StaffEvent, StaffFactor, StaffRecoveryCode
from iran.names import fold
from iran.numbers import E164, NATIONAL_CODE, local_mobile
from sms.models import OtpChallenge

__all__ = [
    "AccountEvent",
    "Branch",
    "BrowserSession",
    "Device",
    "IdentityChange",
    "Person",
    "ProtectedByAnswers",
    "RecoveryRun",
    "SecurityQuestion",
    "StaffEnrolment",
    "StaffEvent",
    "StaffFactor",
    "StaffRecoveryCode",
    "User",
    "UserManager",
]


class Branch(models.Model):
    """An office of the organization, where citizens bring their documents."""

    code = models.CharField(_("code"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=100)
    province = models.CharField(_("province"), max_length=60)
    city = models.CharField(_("city"), max_length=80, help_text=_("A value of the city list (registration.places)."))
    address = models.CharField(_("address"), max_length=300, blank=True, default="")
    phone = models.CharField(_("telephone"), max_length=20, blank=True, default="")
    hours = models.CharField(_("opening hours"), max_length=100, blank=True, default="", db_default="")

    class Meta:
        verbose_name, verbose_name_plural = _("branch"), _("branches")
        ordering = ["province", "city", "name"]

    def __str__(self) -> str:
        return self.name


class SecurityQuestion(models.Model):
    """A question from the fixed list; citizens do not write their own. Persian, as citizens read it."""

    text = models.CharField(_("text"), max_length=150, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_offered = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name, verbose_name_plural = _("security question"), _("security questions")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text


class ProtectedByAnswers(models.Model):
    """Security questions and one hash over all their normalised answers (judged together, never one by one)."""

    question_1 = models.ForeignKey(SecurityQuestion, models.PROTECT, null=True, related_name="+")
    question_2 = models.ForeignKey(SecurityQuestion, models.PROTECT, null=True, related_name="+")
    question_3 = models.ForeignKey(SecurityQuestion, models.PROTECT, null=True, related_name="+")
    answers_hash = models.CharField(max_length=160, blank=True, default="")

    class Meta:
        abstract = True


class Person(models.Model):
    """Identity as on the birth certificate, stated by a citizen or told by a registry: the one declaration of it.

    Every room follows IDENTITY_FIELDS: copying, comparing, importing, exporting, the review page, the desk. What a room
    must know of each field (how it is compared, how it is read) stands there in one table, by the field's name.
    """

    class Gender(models.TextChoices):
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")

    # The fields that can be edited, but for the national code, by which a person is found: in the order of this class,
    # which is the order of the guides.
    IDENTITY_FIELDS: ClassVar[tuple[str, ...]]
    # Name of a field → name of the column that keeps its comparison key (iran.names.fold), by which names are searched.
    KEYS: ClassVar[dict[str, str]]

    national_code = models.CharField(_("national code"), max_length=10)
    last_name = models.CharField(_("last name"), max_length=60, blank=True, default="")
    last_name_key = models.CharField(max_length=60, blank=True, default="", editable=False)
    first_name = models.CharField(_("first name"), max_length=60, blank=True, default="")
    first_name_key = models.CharField(max_length=60, blank=True, default="", editable=False)
    certificate_number = models.CharField(_("birth certificate number"), max_length=10, blank=True, default="")
    certificate_serial = models.CharField(_("birth certificate serial"), max_length=6, blank=True, default="")
    certificate_series_letter = models.CharField(_("series letter"), max_length=3, blank=True, default="")
    certificate_series_number = models.CharField(_("series number"), max_length=3, blank=True, default="")
    birth_date = models.DateField(_("birth date"), null=True)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender, blank=True, default="")

    class Meta:
        abstract = True

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @classmethod
    def identity_columns(cls) -> tuple[str, ...]:
        """What a row keeps of an identity: IDENTITY_FIELDS, then their comparison keys."""
        return (*cls.IDENTITY_FIELDS, *cls.KEYS.values())

    @classmethod
    def with_keys(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """`values` and the comparison keys of the names among them, as a row keeps them."""
        return dict(values) | {key: fold(values[name]) for name, key in cls.KEYS.items()}


_declared = {field.name: field for field in Person._meta.local_fields}
Person.IDENTITY_FIELDS = tuple(name for name, field in _declared.items() if field.editable and name != "national_code")
Person.KEYS = {name: f"{name}_key" for name in Person.IDENTITY_FIELDS if f"{name}_key" in _declared}


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(national_code=username)


class User(Person, ProtectedByAnswers, AbstractBaseUser, PermissionsMixin):
    """An account. Citizens' are made by registration.lifecycle.decisions when a request is approved, never before.

    `activated_at` tells whether it was ever active: an account that staff later disabled cannot be registered anew.
    `closed_at`: the desk closed it (accounts.errands.closing); what protected it is gone. `identity_check`: written
    with the activation; empty where nobody knows it any more (docs/decisions/0056).
    """

    class IdentityCheck(models.TextChoices):
        REGISTRY = "registry", _("By the civil registry and the owner of the mobile")
        BRANCH = "branch", _("By documents, at a branch")

    mobile = models.CharField(_("mobile"), max_length=16, blank=True, default="")
    country = models.CharField(_("country"), max_length=2, blank=True, default="")
    city = models.CharField(_("city"), max_length=80, blank=True, default="")
    province = models.CharField(_("province"), max_length=60, blank=True, default="", db_default="")  # of the city
    email = models.EmailField(_("e-mail"), blank=True, default="")
    new_email = models.EmailField(blank=True, default="", editable=False, help_text="Waits for its confirmation.")
    branch = models.ForeignKey(Branch, models.PROTECT, null=True, blank=True, verbose_name=_("branch"))
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("branch staff"), default=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    activated_at = models.DateTimeField(_("activated"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    identity_check = models.CharField(
        _("how the identity was checked"), max_length=8, choices=IdentityCheck, default="", db_default=""
    )
    # Raised by the database at each change of a column of PROTECTED; it never falls. accounts/protection.py
    security_version = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # Of a member of the staff: which session is the one that is open (accounts.sign_in.sessions, COUNTED); empty: none.
    desk_session = models.CharField(max_length=16, blank=True, default="", db_default="", editable=False)

    PROTECTED: ClassVar = (
        *("password", "mobile", "email", "question_1", "question_2", "question_3", "answers_hash"),
        *("is_active", "is_staff", "is_superuser"),
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "national_code"
    REQUIRED_FIELDS = ["last_name"]

    class Meta:
        verbose_name, verbose_name_plural = _("account"), _("accounts")
        permissions = [
            ("serve_user", _("Can do a citizen’s errands at the desk")),
            ("reopen_user", _("Can open an account again")),
            ("confirm_user", _("Can confirm a change of an identity")),
            ("everywhere_user", _("Can see the accounts of every province")),
        ]
        indexes = [  # what the desk searches by
            models.Index("mobile", name="user_mobile"),
            models.Index(fields=["last_name_key"], opclasses=["varchar_pattern_ops"], name="user_last_name"),
            models.Index(
                fields=["province", "last_name_key"],
                opclasses=["varchar_ops", "varchar_pattern_ops"],
                name="user_province_name",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["national_code"], name="user_national_code"),
            models.CheckConstraint(condition=Q(national_code__regex=NATIONAL_CODE), name="user_national_code_digits"),
            models.CheckConstraint(condition=Q(mobile="") | Q(mobile__regex=E164), name="user_mobile_e164"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(activated_at__isnull=False), name="user_active_since_when"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(is_active=False), name="user_closed_is_not_active"
            ),
            models.CheckConstraint(
                condition=Q(identity_check="")
                | Q(identity_check__in=["registry", "branch"], activated_at__isnull=False),
                name="user_identity_check_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.pk}"

    def get_short_name(self) -> str:
        return self.first_name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What sessions are bound to (Django asks with each of its keys): they end when the protection changes."""
        bound = f"{self.password}\0{self.security_version}"
        return salted_hmac("accounts.User.session", bound, secret=secret, algorithm="sha256").hexdigest()

    @property
    def local_mobile(self) -> str:
        """`09…`, as citizens write it; or empty."""
        return local_mobile(self.mobile) if self.mobile else ""


class RecoveryRun(models.Model):
    """One way through the password recovery: the code, then the answers, then the new password.

    `user` is None for a national code that cannot be recovered here; such a run looks the same and leads nowhere.
    `attempts` counts every set of answers, the right one too. `stopped_until`: no answers are taken for this account
    before then. Bound to the browser session that holds this row's id, and to what protected the account when it
    began (`security_version`). `created_at`: when it began, or its owner last said to be still there.
    """

    MAX_ATTEMPTS = 3

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="recovery_runs")
    challenge = models.ForeignKey(OtpChallenge, models.CASCADE, related_name="+", db_column="verification_id")
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    answered_at = models.DateTimeField(null=True)
    stopped_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    security_version = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(attempts__lte=3), name="recovery_three_attempts"),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(attempts__gte=1, user__isnull=False, stopped_until=None),
                name="recovery_answered_by_an_attempt",
            ),
        ]

    def __str__(self) -> str:
        return f"recovery {self.pk}"
