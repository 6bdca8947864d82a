"""Rows of this app: the outbox of text messages, OTP challenges, providers' accounts, heartbeats of the queues."""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from infra.leases import LeasedWork
from iran.numbers import E164


def new_idempotency_key() -> int:
    """Random, not the primary key: the provider swallows a number it has seen, be it from a restored database."""
    return secrets.randbelow(2**62 - 1) + 1


class OtpChallenge(models.Model):
    """One attempt to prove that somebody holds a mobile: a code that is good for ten minutes and five tries.

    It is bound to the purpose, the national code, the mobile and the browser session that keeps this row's id.
    `attempts` counts every answer, the right one too. `nonce` is empty if no code was sent (otp.challenge.pretend).
    `began_at`: when the first challenge of those began that took each other's place while codes were sent again, or who
    holds it last said to be still there (otp.session.stay).
    """

    class Purpose(models.TextChoices):
        REGISTRATION = "registration", _("Registration")
        RECOVERY = "recovery", _("Password recovery")
        DEVICE = "device", _("Sign-in on a new device")
        MOBILE_CHANGE = "mobile_change", _("Change of mobile")
        REAUTHENTICATION = "reauthentication", _("Change in the account")
        REQUEST = "request", _("Request that was sent")
        DESK = "desk", _("Branch desk")  # the applicant tells it the clerk
        CALLER = "caller", _("Telephone call")  # who has called tells it the clerk

    MAX_ATTEMPTS = 5
    is_held = False  # begun just now, and its code not sent yet (sms.otp.challenge.hold)

    purpose = models.CharField(max_length=16, choices=Purpose)
    mobile = models.CharField(max_length=16)
    national_code = models.CharField(max_length=10, db_column="subject")
    nonce = models.BinaryField(max_length=16)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    began_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    consumed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sms_verification"  # columns and constraints, too, keep the names of their first version
        indexes = [
            models.Index("mobile", "created_at", name="verification_mobile"),
            models.Index("national_code", "created_at", name="challenge_recovery", condition=Q(purpose="recovery")),
            # What can be ended (otp.challenge.begun): every request keeps its own for good.
            models.Index("national_code", name="challenge_person", condition=~Q(purpose="registration")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(mobile__regex=E164), name="verification_mobile_e164"),
            models.CheckConstraint(condition=Q(attempts__lte=5), name="verification_five_attempts"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="verification_expires_later"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(attempts__gte=1), name="verification_confirmed_by_an_attempt"
            ),
            models.CheckConstraint(
                condition=Q(consumed_at=None) | Q(confirmed_at__isnull=False),
                name="verification_consumed_once_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return f"challenge {self.pk}"


class Message(LeasedWork):
    """A text message that must leave: the outbox, and the ledger that the sending limits count.

    `params` fill the text of `template`; they are wiped when the message is final. A code is never here: `code_nonce`
    is what it is derived from (sms.otp.codes).

    `send_at`: when to send it next, of queued messages alone. `ask_at`: when to ask the provider about it next, of
    unknown outcomes and of accepted messages; of a code of unknown outcome, when to send it once more, then empty.
    `expires_at`: when it is of no use any more (codes).

    `provider` and `first_attempt_at` stand from the moment somebody is about to send until that attempt has surely sent
    nothing: a worker that finds them on a row it claims must ask before it sends. A code that may have left keeps its
    `first_attempt_at` though a later attempt sent nothing: it is sent twice at most.
    """

    class Purpose(models.TextChoices):
        REGISTRATION = "registration", _("Registration")
        RECOVERY = "recovery", _("Password recovery")
        DEVICE = "device", _("Sign-in on a new device")
        MOBILE_CHANGE = "mobile_change", _("Change of mobile")
        REAUTHENTICATION = "reauthentication", _("Change in the account")
        REQUEST = "request", _("Request that was sent")
        DESK = "desk", _("Branch desk")
        CALLER = "caller", _("Telephone call")
        RESULT = "result", _("Result of a request")
        DESK_DECISION = "desk_decision", _("Decision of a branch")
        RESULT_AGAIN = "result_again", _("Result, once more")  # once, where it did not arrive (outbox.unreached)
        DESK_REPEAT = "desk_repeat", _("Result, sent again by a branch")  # its citizen asks; nobody follows it up
        NOTICE = "notice", _("Notice")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        UNKNOWN = "unknown", _("Perhaps sent, outcome not known")
        ACCEPTED = "accepted", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        UNDELIVERED = "undelivered", _("Not delivered")
        DELIVERY_UNKNOWN = "delivery_unknown", _("Sent, delivery not known")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")

    # Every move there is, made by sms.outbox.moves alone. A message is born queued, or cancelled if it only pretends.
    MOVES: ClassVar[dict[str, frozenset[str]]] = {
        State.QUEUED: frozenset({State.QUEUED, State.UNKNOWN, State.ACCEPTED, State.FAILED, State.EXPIRED}),
        State.UNKNOWN: frozenset({State.UNKNOWN, State.QUEUED, State.ACCEPTED, State.FAILED, State.EXPIRED}),
        State.ACCEPTED: frozenset({State.DELIVERED, State.UNDELIVERED, State.DELIVERY_UNKNOWN}),
    }
    FINAL = frozenset(set(State.values) - set(MOVES))
    CODES = frozenset(OtpChallenge.Purpose.values)
    # What a request came to. Its cause follows up what did not arrive (sms.outbox.unreached).
    RESULTS = (Purpose.RESULT, Purpose.DESK_DECISION, Purpose.RESULT_AGAIN)
    DUE = Coalesce("send_at", "ask_at")  # at most one of them is set where a worker claims the row

    recipient = models.CharField(max_length=16)
    purpose = models.CharField(max_length=16, choices=Purpose)
    template = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    code_nonce = models.BinaryField(max_length=16, null=True)
    reference = models.CharField(max_length=40, blank=True, default="", help_text="What caused it, e.g. request:12.")
    national_code = models.CharField(
        max_length=10, blank=True, default="", db_column="subject", help_text="For the sending limits."
    )
    client_ip = models.GenericIPAddressField(
        null=True, db_column="source", help_text="IPv4, or the /64 network of IPv6."
    )
    client_network = models.GenericIPAddressField(null=True, help_text="The /24 network of IPv4, the /48 of IPv6.")
    unconfirmed = models.BooleanField(
        default=False, db_default=False, help_text="A code that takes a place in the limits by address."
    )
    idempotency_key = models.BigIntegerField(unique=True, default=new_idempotency_key, db_column="local_id")
    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    provider = models.CharField(max_length=16, blank=True, default="")
    provider_id = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    send_at = models.DateTimeField(null=True, db_default=Now())
    ask_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    first_attempt_at = models.DateTimeField(null=True, help_text="Of the attempts whose outcome is open.")
    by_voice = models.BooleanField(default=False, db_default=False, help_text="Read out by telephone, for a code.")
    followed_up_at = models.DateTimeField(
        null=True, help_text="When its cause learnt that it did not arrive; of results of requests alone."
    )
    segments = models.PositiveSmallIntegerField(
        null=True, db_column="parts", help_text="Messages that the operator counts this text as."
    )

    class Meta:
        indexes = [
            models.Index(
                Coalesce("send_at", "ask_at"), name="message_work", condition=Q(state__in=["queued", "unknown"])
            ),
            models.Index("ask_at", name="message_ask", condition=Q(state="accepted")),
            models.Index("provider_id", name="message_provider_id", condition=Q(state="accepted")),
            models.Index("recipient", "created_at", name="message_recipient"),
            models.Index("national_code", "created_at", name="message_recovery", condition=Q(purpose="recovery")),
            models.Index(
                "id",
                name="message_not_reached",
                condition=Q(
                    state__in=["failed", "undelivered", "expired"],
                    purpose__in=["result", "desk_decision", "result_again"],
                    followed_up_at=None,
                ),
            ),
            models.Index("created_at", name="message_unconfirmed", condition=Q(unconfirmed=True)),
            models.Index("reference", name="message_desk_repeat", condition=Q(purpose="desk_repeat")),
            models.Index("client_ip", "created_at", name="message_unconfirmed_ip", condition=Q(unconfirmed=True)),
            models.Index(
                "client_network", "created_at", name="message_unconfirmed_network", condition=Q(unconfirmed=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(recipient__regex=E164), name="message_recipient_e164"),
            models.CheckConstraint(
                condition=Q(code_nonce=None) | Q(purpose__in=OtpChallenge.Purpose.values, expires_at__isnull=False),
                name="message_code_has_purpose_and_end",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "unknown", "accepted"]) | Q(params={}, code_nonce=None),
                name="message_wiped_when_final",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["accepted", "delivered", "undelivered", "delivery_unknown"], accepted_at__isnull=False
                )
                | Q(state__in=["queued", "unknown", "failed", "expired", "cancelled"], accepted_at=None),
                name="message_accepted_at_iff_accepted",
            ),
            models.CheckConstraint(
                condition=Q(state="queued", send_at__isnull=False) | (~Q(state="queued") & Q(send_at=None)),
                name="message_send_at_iff_queued",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", ask_at__isnull=False)
                | Q(state="unknown")
                | (~Q(state__in=["unknown", "accepted"]) & Q(ask_at=None)),
                name="message_ask_at_while_asked_about",
            ),
            models.UniqueConstraint("reference", condition=Q(purpose="result"), name="message_one_result_per_request"),
            models.UniqueConstraint(
                "reference", condition=Q(purpose="desk_decision"), name="message_one_text_per_desk_decision"
            ),
            models.CheckConstraint(
                condition=~Q(purpose__in=["result", "desk_decision", "result_again"]) | ~Q(reference=""),
                name="message_decision_has_reference",
            ),
            models.UniqueConstraint(
                "reference", condition=Q(purpose="result_again"), name="message_one_repeat_per_request"
            ),
            models.CheckConstraint(
                condition=Q(by_voice=False) | Q(purpose__in=OtpChallenge.Purpose.values),
                name="message_only_codes_by_voice",
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class ProviderState(models.Model):
    """What an operator must know of a provider's account, for every process to show.

    `area` is a queue, "codes" or "texts", or "account". `problem`: why nobody's messages pass there, as
    the text of an SmsError; `seen_at`: when it was met last. `credit` in rial, `credit_at` when it was asked for:
    "account" only.
    """

    provider = models.CharField(max_length=16)
    area = models.CharField(max_length=16)
    problem = models.CharField(max_length=60, blank=True, default="")
    seen_at = models.DateTimeField(null=True)
    credit = models.BigIntegerField(null=True)
    credit_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("provider", "area", name="provider_state_once"),
            models.CheckConstraint(
                condition=Q(problem="") | Q(seen_at__isnull=False), name="provider_problem_was_seen"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.area}"


class Heartbeat(models.Model):
    """The last time a queue's worker was reached all the way: beat → Redis → worker → here. Also of work that is done
    by the clock (infra.purges, sms.statistics.FIGURES)."""

    queue = models.CharField(max_length=16, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.queue


class LimitEvent(models.Model):
    """One event that infra.throttle counts here while Redis is away. `key`: a keyed fingerprint of rule and value."""

    key = models.CharField(max_length=64)
    token = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        db_table = "limit_event"
        indexes = [models.Index("key", "at", name="limit_event_key"), models.Index("at", name="limit_event_at")]

    def __str__(self) -> str:
        return f"limit event {self.pk}"
