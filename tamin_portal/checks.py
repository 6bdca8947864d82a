"""Deployment checks: `manage.py check --deploy --fail-level WARNING` is red for unsafe settings (ids portal.E…)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from sms.delivery import KILL_SECONDS, LEASE_SECONDS, SEND_SECONDS, STOP_SECONDS


@register(Tags.security, deploy=True)
def safe_for_citizens(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Settings that make development easy and must not meet real people."""
    unsafe = [
        (settings.DEBUG, "E001", "DEBUG=on shows settings and source code to visitors.", "Set DEBUG=off."),
        (not settings.HTTPS, "E002", "HTTPS=off sends passwords in clear.", "Set HTTPS=on."),
        (
            set(settings.SMS_BACKEND) & {"handset", "console", "memory"},
            "E003",
            "SMS_BACKEND shows codes to whoever asks, or sends nothing.",
            "Set SMS_BACKEND=kavenegar.",
        ),
        (settings.KAVENEGAR_BASE_URL.startswith("http:"), "E004", "KAVENEGAR_BASE_URL is not encrypted.", "Use https."),
        (
            "kavenegar" in settings.SMS_BACKEND
            and not (settings.KAVENEGAR_SENDER and settings.KAVENEGAR_CODE_TEMPLATE),
            "E005",
            "Kavenegar lacks its sender line or the name of the approved code template.",
            "Set KAVENEGAR_SENDER and KAVENEGAR_CODE_TEMPLATE.",
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
    ]
    return [Error(text, hint=hint, id=f"portal.{number}") for wrong, number, text, hint in unsafe if wrong]


@register(Tags.compatibility)
def lease_arithmetic(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Work must end before its lease does, else two workers hold one row: HTTP deadlines < time limit < lease."""
    order = (SEND_SECONDS, STOP_SECONDS, KILL_SECONDS, LEASE_SECONDS)
    if all(shorter[queue] < longer[queue] for shorter, longer in pairwise(order) for queue in LEASE_SECONDS):
        return []
    return [Error("A lease is shorter than the work it covers.", id="portal.E020")]
