"""Rows of this app: requests and what happened to them, searches of the staff, figures, the reference registry, the
services that are asked."""

from registration.models.event import RequestEvent
from registration.models.figures import DailyFigure, DailyWork
from registration.models.looks import DeskSearch
from registration.models.provider import IdentityCheck, ProviderHealth, ProviderToken
from registration.models.registry import CivilRecord, MobileOwner
from registration.models.request import Operator, RegistrationRequest, Status

__all__ = [
    "CivilRecord",
    "DailyFigure",
    "DailyWork",
    "DeskSearch",
    "IdentityCheck",
    "MobileOwner",
    "Operator",
    "ProviderHealth",
    "ProviderToken",
    "RegistrationRequest",
    "RequestEvent",
    "Status",
]
