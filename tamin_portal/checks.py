"""Deployment checks: `manage.py check --deploy --fail-level WARNING` is red for unsafe settings (ids portal.E…)."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations, pairwise
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, register
from django.http.request import validate_host

from accounts import retention as recoveries
from registration.identity import check
from registration.lifecycle import retention as identity_checks
from sms.backends import get_backends
from sms.limits import wrong_codes
from sms.otp import retention as challenges
from sms.outbox import delivery
from sms.outbox import retention as messages
from sso import expiry, keys
from sso import retention as services
from sso.endings import ends, notices


@register(Tags.security, deploy=True)
def safe_for_citizens(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Settings that make development easy and must not meet real people."""
    providers = get_backends()
    in_clear = [provider.name for provider in providers if provider.address.startswith("http:")]
    unsafe = [
        (settings.DEBUG, "E001", "DEBUG=on shows settings and source code to visitors.", "Set DEBUG=off."),
        (not settings.HTTPS, "E002", "HTTPS=off sends passwords in clear.", "Set HTTPS=on."),
        (
            any(provider.trial for provider in providers),
            "E003",
            "SMS_BACKEND shows codes to whoever asks, or sends nothing.",
            "Name a provider, for example kavenegar.",
        ),
        (in_clear, "E004", f"Text messages go to {', '.join(in_clear)} unencrypted.", "Use https in its address."),
        (
            settings.JIBIT_BASE_URL.startswith("http:") or settings.GSB_BASE_URL.startswith("http:"),
            "E005",
            "The identity service's address (JIBIT_BASE_URL, GSB_BASE_URL) is not encrypted.",
            "Use https.",
        ),
        (
            settings.IDENTITY_BACKEND == "reference" and not settings.REFERENCE_REGISTRY_IS_REAL,
            "E006",
            "IDENTITY_BACKEND=reference decides by this database's own tables.",
            "Set REFERENCE_REGISTRY_IS_REAL=on if they are fed from the civil registry.",
        ),
        ("*" in settings.ALLOWED_HOSTS, "E007", "ALLOWED_HOSTS accepts every host.", "Name the hosts."),
        (
            settings.PORTAL_HOST.partition(":")[0] in {"", "localhost"},
            "E008",
            "PORTAL_HOST is not the name citizens see; phones fill codes in only for that name.",
            "Set PORTAL_HOST.",
        ),
        (
            not validate_host(settings.PORTAL_HOST.partition(":")[0], settings.ALLOWED_HOSTS),
            "E009",
            "ALLOWED_HOSTS refuses PORTAL_HOST, the very name that citizens are told.",
            "Add it.",
        ),
        (
            any(network.prefixlen == 0 for network in settings.TRUSTED_PROXIES),
            "E010",
            "TRUSTED_PROXIES trusts everybody: whoever names another address in X-Forwarded-For escapes every limit.",
            "Name the proxies.",
        ),
        (
            settings.STAFF_SECOND_FACTOR != "required",
            "E011",
            "STAFF_SECOND_FACTOR=off opens the branch desk, with all its citizens, to whoever has a clerk's password.",
            "Set STAFF_SECOND_FACTOR=required; clerks set up their apps with the code that manage.py staff prints.",
        ),
        (
            not settings.SECURITY_CONTACT,
            "E013",
            "SECURITY_CONTACT is empty: who finds a hole has nobody to tell (/.well-known/security.txt).",
            "Set it, for example mailto:security@example.org.",
        ),
        (
            settings.SSO_KEYS_FILE and not keys.is_offered(),
            "E016",
            "SSO_KEYS_FILE names no file with keys that sign: other services cannot sign anybody in.",
            "manage.py sso_keys make; or leave it empty.",
        ),
    ]
    errors = [Error(text, hint=hint, id=f"portal.{number}") for wrong, number, text, hint in unsafe if wrong]
    return [*errors, *_of_keys(), *_of_signing_keys()]


def _of_keys() -> list[CheckMessage]:
    """Each secret is hard to guess, and none does the work of two."""
    names = ("SECRET_KEY", "CODES_KEY", "FACTORS_KEY", "TOKENS_KEY", "FINGERPRINTS_KEY")
    secrets = {name: {getattr(settings, name), *getattr(settings, f"{name}_FALLBACKS")} - {""} for name in names}
    weak = [name for name, values in secrets.items() if any(_is_weak(value) for value in values)]
    secrets |= {name: {getattr(settings, name)} - {""} for name in ("METRICS_TOKEN", "KAVENEGAR_CALLBACK_SECRET")}
    equal = [(one, other) for one, other in combinations(secrets, 2) if secrets[one] & secrets[other]]
    hint = "Let deploy/rotate_key.py make another one."
    return [
        *(Error(f"{name}, or one of its fallbacks, is no random text.", hint=hint, id="portal.E014") for name in weak),
        *(Error(f"{one} and {other} share a secret.", hint=hint, id="portal.E015") for one, other in equal),
    ]


def _of_signing_keys() -> list[CheckMessage]:
    """No reason not to start: what they sign is believed on that day, too."""
    ends = expiry.own()
    if not expiry.is_near(ends):
        return []
    told = f"The keys that sign ID tokens are to be replaced by {ends}."
    return [Info(told, hint="manage.py sso_keys make; docs/operations.md, keys of ID tokens.", id="portal.I017")]


def _is_weak(secret: str) -> bool:
    """Few different signs, one piece again and again, or Django's mark of a key for development."""
    return len(set(secret)) < 10 or secret in (secret * 2)[1:-1] or secret.startswith("django-insecure-")


@register(Tags.compatibility)
def lease_arithmetic(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Work must end before its lease does, else two workers hold one row: HTTP deadlines < all of the work < lease."""
    messages = (delivery.SEND_SECONDS, delivery.STOP_SECONDS, delivery.LEASE_SECONDS)
    orders = [tuple(seconds[queue] for seconds in messages) for queue in delivery.LEASE_SECONDS]
    orders.append((check.WORK_SECONDS, check.HELD_SECONDS))
    orders.append((notices.SEND_SECONDS, notices.LEASE_SECONDS))
    if all(shorter < longer for order in orders for shorter, longer in pairwise(order)):
        return []
    return [Error("A lease is not longer than the work that it covers.", id="portal.E020")]


@register(Tags.compatibility)
def sign_ins_are_kept_while_they_can_end(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Who signs out must find every sign-in at a service that began in the session."""
    longest = timedelta(seconds=settings.CITIZEN_SESSION_SECONDS)
    if longest <= ends.LOOKED_AT and longest <= services.ENDED_LIFETIME:
        return []
    return [Error("Sign-ins at services are deleted before the session that they began in.", id="portal.E023")]


@register(Tags.compatibility)
def broker_is_ours(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """A process that has not loaded our Celery app publishes to amqp://localhost, and nobody notices."""
    if str(current_app.conf.broker_url).startswith("redis"):
        return []
    return [Error("Celery's broker is not the Redis of REDIS_URL.", id="portal.E021")]


@register(Tags.compatibility)
def limits_count_rows_that_live(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """A limit that is counted in rows holds for no longer than the rows are kept, whatever its window says."""
    counted: list[tuple[str, list[tuple[int, int]], timedelta]] = [
        ("LIMIT_SENDS_PER_MOBILE", settings.LIMIT_SENDS_PER_MOBILE, messages.LEDGER_LIFETIME),
        ("LIMIT_UNCONFIRMED_PER_IP", settings.LIMIT_UNCONFIRMED_PER_IP, messages.LEDGER_LIFETIME),
        ("LIMIT_UNCONFIRMED_PER_NETWORK", settings.LIMIT_UNCONFIRMED_PER_NETWORK, messages.LEDGER_LIFETIME),
        ("LIMIT_UNCONFIRMED", settings.LIMIT_UNCONFIRMED, messages.LEDGER_LIFETIME),
        ("WRONG_CODES_PER_MOBILE", [wrong_codes.WRONG_CODES_PER_MOBILE], challenges.CHALLENGE_LIFETIME),
        ("LIMIT_SIGN_IN_PER_NATIONAL_CODE", settings.LIMIT_SIGN_IN_PER_NATIONAL_CODE, challenges.EVENT_LIFETIME),
        ("LIMIT_SIGN_IN_PER_IP", settings.LIMIT_SIGN_IN_PER_IP, challenges.EVENT_LIFETIME),
        ("LIMIT_HASHES", settings.LIMIT_HASHES, challenges.EVENT_LIFETIME),
        ("LIMIT_HASHES_PER_IP", settings.LIMIT_HASHES_PER_IP, challenges.EVENT_LIFETIME),
        ("LIMIT_TRACKING_PER_IP", settings.LIMIT_TRACKING_PER_IP, challenges.EVENT_LIFETIME),
        ("LIMIT_TRACKING_PER_NATIONAL_CODE", settings.LIMIT_TRACKING_PER_NATIONAL_CODE, challenges.EVENT_LIFETIME),
        ("LIMIT_LOOKS", settings.LIMIT_LOOKS, messages.LEDGER_LIFETIME),  # its events stay, but no window is longer
        ("LIMIT_SERVICES_PER_IP", settings.LIMIT_SERVICES_PER_IP, challenges.EVENT_LIFETIME),
        ("LIMIT_SERVICE_FAILURES_PER_IP", settings.LIMIT_SERVICE_FAILURES_PER_IP, challenges.EVENT_LIFETIME),
        ("LIMIT_ALL_SERVICE_FAILURES_PER_IP", settings.LIMIT_ALL_SERVICE_FAILURES_PER_IP, challenges.EVENT_LIFETIME),
        ("LIMIT_ANSWERS", settings.LIMIT_ANSWERS, recoveries.RUN_LEDGER_LIFETIME),
        (
            "LIMIT_INQUIRIES_PER_NATIONAL_CODE",
            settings.LIMIT_INQUIRIES_PER_NATIONAL_CODE,
            identity_checks.CHECK_LIFETIME,
        ),
    ]
    return [
        Error(
            f"{name} counts for {seconds} s, but what it counts is deleted after {lifetime.total_seconds():.0f} s.",
            hint="Make the window shorter.",
            id="portal.E022",
        )
        for name, pairs, lifetime in counted
        for _, seconds in pairs
        if seconds > lifetime.total_seconds()
    ]
