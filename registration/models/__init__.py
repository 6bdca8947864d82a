"""Rows of this app: requests and what happened to them, the reference registry, services that are asked, figures."""

from registration.models.figures import DailyFigure, DailyWork
from registration.models.provider import IdentityCheck, ProviderHealth, ProviderToken
from registration.models.registry import CivilRecord, MobileOwner
from registration.models.request import Operator, RegistrationRequest, RequestEvent, Status

__all__ = [
    "CivilRecord",
    "DailyFigure",
    "DailyWork",
    "IdentityCheck",
    "MobileOwner",
    "Operator",
    "ProviderHealth",
    "ProviderToken",
    "RegistrationRequest",
    "RequestEvent",
    "Status",
]
