"""The row of the demo service; its secret follows from the secret key and is stored nowhere."""

import hmac

from django.conf import settings

from sso.models import SCOPES, Service
from sso.protocol import tokens

CLIENT_ID = "demo-service"
PATH = "/demo-service/"


def is_there() -> bool:
    """Only where text messages go to the handset page."""
    return "handset" in settings.SMS_BACKEND


def secret() -> str:
    return hmac.digest(settings.SECRET_KEY.encode(), b"tamin-portal demo service", "sha256").hex()


def back() -> str:
    return f"{settings.SSO_ISSUER}{PATH}back"


def register() -> None:
    Service.objects.update_or_create(
        client_id=CLIENT_ID,
        defaults={
            "name_fa": "سامانهٔ نمونه",
            "name_en": "Demo service",
            "description_fa": "آزمودن ورود سامانه‌ها با حساب کاربری",
            "description_en": "Try out how services sign people in",
            "address": f"{settings.SSO_ISSUER}{PATH}",
            "initiate_login_uri": f"{settings.SSO_ISSUER}{PATH}start/everything/",
            "state": Service.State.TEST,
            "auth_method": Service.Auth.BASIC,
            "secret_hash": tokens.hashed(secret()),
            "redirect_uris": [back()],
            "post_logout_uris": [f"{settings.SSO_ISSUER}{PATH}"],
            "scopes": list(SCOPES),
            "sector": "demo",
        },
    )
