"""Which text message tells a citizen what. The texts themselves are templates/sms/<name>.txt; some are fixed."""

from typing import Any

from registration.models import RegistrationRequest
from sms.models import Message

_Status = RegistrationRequest.Status


def result(flow: str, status: str) -> str:
    """The name of the SMS template for a request of `flow` ("portal", "eservices") that has reached `status`."""
    return {
        _Status.ACTIVATED: f"activated_{flow}",
        _Status.BRANCH: "go_to_branch",
        _Status.MISMATCH: f"mismatch_{flow}",
        _Status.REJECTED: "rejected",
        _Status.EXPIRED: "expired",
        _Status.WITHDRAWN: "withdrawn",
    }[_Status(status)]


def message(request: RegistrationRequest, status: str, purpose: Message.Purpose) -> dict[str, Any]:
    """The text of `status` for the request's mobile, as sms.outbox.queue takes it."""
    return {
        "recipient": request.mobile,
        "purpose": purpose,
        "template": result(request.flow, status),
        "params": {"gender": request.gender, "last_name": request.last_name},
        "reference": f"request:{request.pk}",
    }
