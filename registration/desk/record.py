"""What the desk shows of one request: the citizen's data with the registry's findings, text messages, events."""

from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.templatetags.portal import fa, local_mobile, ltr, moment
from registration.identity.base import Finding
from registration.lifecycle import documents
from registration.models import RegistrationRequest, RequestEvent
from registration.pages.identity_values import shown, shown_kept
from registration.pages.places import city_name, country_name
from sms.models import Message

NEWEST_EVENTS = 200
Text = str | Promise

FINDINGS: dict[str, Text] = {
    Finding.MATCH: _("Agrees with the registry"),
    Finding.SIMILAR: _("Nearly agrees with the registry"),
    Finding.MISMATCH: _("Differs from the registry"),
    Finding.ABSENT: _("Not compared"),
    RegistrationRequest.CORRECTED: _("Corrected from the documents"),
}
Kind = RequestEvent.Kind
# Kinds of events that the statuses before and after do not tell.
TOLD = frozenset({Kind.VIEWED, Kind.LOOKED, Kind.REACHED, Kind.DOCUMENTS_SEEN, Kind.ACCOUNT_EXISTED, Kind.CAPPED})
TOLD |= {Kind.CODE_SENT, Kind.MOBILE_PROVED, Kind.FIRST_WORD, Kind.SECOND_WORD, Kind.CORRECTED}
TOLD |= {Kind.ASKED_AGAIN, Kind.ANSWERED_AGAIN, Kind.SENT_AGAIN}
TOLD |= {Kind.CALLER_CODE, Kind.CALLER_VERIFIED, Kind.CALLER_FAILED}
TOLD |= {Kind.NOTED, Kind.TAKEN, Kind.HANDED_BACK, Kind.HANDED_OVER}


class Row(NamedTuple):
    """One line of a group. `finding`: a value of Finding, or "" when the registry was not asked about it."""

    label: Text
    value: Text
    finding: str = ""

    @property
    def says(self) -> Text:
        return FINDINGS.get(self.finding, self.finding)


class Group(NamedTuple):
    title: Text
    rows: list[Row]


class Verdict(NamedTuple):
    """What the registry said, first of all that a clerk reads. `weight`: "good", "warm" or "bad"."""

    weight: str
    says: Text
    then: Text


def verdict(request: RegistrationRequest) -> Verdict:
    """Of a request that waits for a clerk."""
    if request.identity == RegistrationRequest.Identity.DECEASED:
        return Verdict("bad", _("The registry says: the holder of this national code is dead."), _TWO)
    if request.identity == RegistrationRequest.Identity.NOT_FOUND:
        return Verdict("bad", _("The registry knows nobody with this national code."), _TWO)
    if request.identity == RegistrationRequest.Identity.MISMATCH:
        if differing := request.differing():
            says = gettext("The registry has it otherwise: %(fields)s.") % {"fields": _named(differing)}
        elif corrected := documents.to_compare(request):
            says = gettext("Corrected from the documents: %(fields)s.") % {"fields": _named(corrected)}
        else:
            says = gettext("The data do not agree with the registry.")
        return Verdict("warm", says, _COMPARE)
    if request.status == RegistrationRequest.Status.MISMATCH:
        return Verdict("good", _("The registry was asked again, and agrees now."), _LOOK)
    if request.ownership == RegistrationRequest.Ownership.OWNED:
        return Verdict("good", _("The identity agrees, and by now the mobile is the applicant’s own."), _LOOK)
    return Verdict(
        "good", _("The identity agrees with the registry, but the mobile is not the applicant’s own."), _LOOK
    )


def _named(fields: list[str]) -> str:
    return gettext(", ").join(str(_label(name)) for name in fields)


_TWO = _("Two persons must see the original documents, one of them a supervisor. If in doubt, refuse.")
_COMPARE = _("Compare each of these with the original documents. What the documents have otherwise is not activated.")
_LOOK = _("Look at the original national card and birth certificate.")


def groups(request: RegistrationRequest) -> list[Group]:
    """Everything about a request but its secrets: no hash, and no security question, which is half of a recovery."""
    return [
        Group(_("Identity"), _identity(request)),
        Group(_("Contact"), _contact(request)),
        Group(_("Inquiry"), _inquiry(request)),
        Group(_("Request"), _progress(request)),
    ]


def _identity(request: RegistrationRequest) -> list[Row]:
    findings: dict[str, str] = request.findings
    names = ("national_code", *RegistrationRequest.IDENTITY_FIELDS)
    return [Row(_label(name), shown(request, name), findings.get(name, "")) for name in names]


def _contact(request: RegistrationRequest) -> list[Row]:
    return [
        Row(_label("mobile"), ltr(local_mobile(request.mobile))),
        Row(_label("operator"), request.get_operator_display()),
        Row(_label("email"), ltr(request.email) if request.email else ""),
        Row(_label("country"), country_name(request.country)),
        Row(_label("city"), city_name(request.city)),
    ]


def _inquiry(request: RegistrationRequest) -> list[Row]:
    rows = [
        Row(_label("identity"), request.get_identity_display()),
        Row(_label("ownership"), request.get_ownership_display()),
        Row(_label("provider_reference"), ltr(request.provider_reference) if request.provider_reference else ""),
        Row(_("Inquiries begun"), fa(request.attempts)),
    ]
    if request.status == RegistrationRequest.Status.SUBMITTED:
        rows.append(Row(_("Next inquiry"), moment(request.due_at)))
        rows.append(Row(_("Last problem"), ltr(request.last_error) if request.last_error else ""))
    return rows


def _progress(request: RegistrationRequest) -> list[Row]:
    return [
        Row(_label("tracking_code"), ltr(request.tracking_code or "")),
        Row(_label("flow"), request.get_flow_display()),
        Row(_("submission time"), moment(request.submitted_at)),
        Row(_("decision time"), moment(request.decided_at)),
    ]


def _label(field: str) -> Text:
    label: Text = RegistrationRequest._meta.get_field(field).verbose_name  # type: ignore[union-attr]
    return label


def messages(request: RegistrationRequest) -> QuerySet[Message]:
    """Text messages about the outcome, oldest first. One arm per partial unique index, which is what finds them."""
    reference = f"request:{request.pk}"
    about = Q(reference=reference, purpose=Message.Purpose.RESULT)
    about |= Q(reference=reference, purpose=Message.Purpose.DESK_DECISION)
    about |= Q(reference=reference, purpose=Message.Purpose.RESULT_AGAIN)
    about |= Q(reference=reference, purpose=Message.Purpose.DESK_REPEAT)
    return Message.objects.filter(about).only("recipient", "purpose", "state", "created_at").order_by("pk")


def events(request: RegistrationRequest) -> list[dict[str, Any]]:
    """What happened to the request, newest first."""
    newest: QuerySet[RequestEvent] = request.events.select_related("actor", "colleague").order_by("-pk")[:NEWEST_EVENTS]
    return [
        {
            "at": event.at,
            "who": event.actor.get_full_name() or event.actor.national_code if event.actor else "",
            "from": event.get_from_status_display(),
            "to": event.get_to_status_display(),
            "why": ": ".join(filter(None, [event.get_kind_display() if event.kind in TOLD else "", _said(event)])),
            "changes": _changes(event),
            "network": event.client_network,
        }
        for event in newest
    ]


def _said(event: RequestEvent) -> str:
    return event.colleague.get_full_name() if event.colleague else event.words


def _changes(event: RequestEvent) -> list[dict[str, Text]]:
    """Of a correction: each field with what stood there before and after, as the record shows it."""
    changes: dict[str, list[str]] = event.changes or {}
    fields = [name for name in RegistrationRequest.IDENTITY_FIELDS if name in changes]
    return [
        {
            "label": _label(name),
            "before": shown_kept(RegistrationRequest, name, before),
            "after": shown_kept(RegistrationRequest, name, after),
        }
        for name in fields
        for before, after in [changes[name]]
    ]
