"""A clerk writes what stands on the documents in place of what the citizen wrote, before the request is activated.

Old and new value stay in the event. What was corrected must still be ticked when the request is activated, and a first
word that somebody gave before counts no longer: it was about other data.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.models.changes import kept
from registration.lifecycle import decisions, documents, events
from registration.models import RegistrationRequest, RequestEvent

CORRECTED = RegistrationRequest.CORRECTED


class NothingChanged(Exception):  # noqa: N818  a state of affairs, not a fault
    """Everything is as it was."""


def correct(
    request_id: int, *, by: User, client_ip: str, values: Mapping[str, Any], words: str, mark: str = ""
) -> list[str]:
    """Write `values`, one for each of IDENTITY_FIELDS as a form has cleaned it; returns the names of what was changed.

    `words` names the documents, for the record. Raises registration.lifecycle.decisions.AlreadyDecided, also for a
    request whose identity agrees with the registry: there is nothing to correct; NothingChanged; ChangedMeanwhile when
    the identity is not the one of `mark` (documents.mark_of).
    """
    values = {name: values[name] for name in RegistrationRequest.IDENTITY_FIELDS}
    with transaction.atomic():
        request = decisions.waiting(request_id, by)
        if request.status != RegistrationRequest.Status.MISMATCH:
            raise decisions.AlreadyDecided
        documents.refuse_changed(request, mark)
        changes = {
            name: [kept(getattr(request, name)), kept(value)]
            for name, value in values.items()
            if getattr(request, name) != value
        }
        if not changes:
            raise NothingChanged
        findings = request.findings | dict.fromkeys(changes, CORRECTED)
        fields = RegistrationRequest.with_keys(values)
        RegistrationRequest.objects.filter(pk=request.pk).update(**fields, findings=findings, awaits_second=False)
        same = {"from_status": request.status, "to_status": request.status}
        events.note(
            request, RequestEvent.Kind.CORRECTED, by=by, client_ip=client_ip, words=words, changes=changes, **same
        )
    return list(changes)
