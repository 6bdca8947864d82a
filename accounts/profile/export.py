"""A person's own data as one document. Never a hash, a token, or anybody else's row."""

from typing import Any

from accounts.models import Device, User
from accounts.profile import connected, history
from accounts.recovery import flow as recovery

PLAIN = ("mobile", "email", "country", "city", "province", "created_at", "activated_at", "identity_check", "last_login")


def of(user: User) -> dict[str, Any]:
    """Dates and times in ISO 8601, names of fields as in the database."""
    plain = ("national_code", *User.IDENTITY_FIELDS, *PLAIN)
    devices = Device.objects.filter(user=user).order_by("pk").values("name", "created_at", "seen_at")
    return {
        "account": {name: getattr(user, name) for name in plain},
        "security_questions": [question.text for question in recovery.questions(user)],
        "devices": list(devices),
        "connected_services": [{"name": line.name, "last_sign_in": line.used_at} for line in connected.of(user)],
        "requests": [entry._asdict() for entry in history.of(user)],
    }
