"""Which text message tells a citizen what. The texts themselves are templates/sms/<name>.txt; some are fixed."""

from registration.models import RegistrationRequest

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
