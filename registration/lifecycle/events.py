"""Writing the events of requests. Those that are part of a larger statement are written with it
(decisions, submission)."""

from typing import Any

from accounts.models import User
from infra.limits import client_ip_network
from registration.models import RegistrationRequest, RequestEvent

LONGEST = 300  # characters of a clerk's words


def note(
    request: RegistrationRequest,
    kind: RequestEvent.Kind,
    *,
    by: User | None = None,
    client_ip: str | None = None,
    words: str = "",
    **more: Any,
) -> None:
    """In the transaction of what happened. `by`: None for the portal, or the citizen. `client_ip`: from where.

    `words` is cut off after LONGEST characters. `more`: other columns of RequestEvent that this kind has.
    """
    RequestEvent.objects.create(
        request_id=request.pk,
        actor=by,
        kind=kind,
        words=words[:LONGEST],
        client_network=client_ip_network(client_ip) if client_ip else None,
        **more,
    )
