"""What a clerk must have seen before a request becomes an account: documents, and what the registry did not confirm.

What the registry said decides what is asked for. Identity agreed: the documents were seen. It differs: they are named,
and each field that is not the registry's was compared with them. Nobody with this number, or deceased: the same, and a
second person says so, too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.models import RegistrationRequest, RequestEvent

Identity, Kind = RegistrationRequest.Identity, RequestEvent.Kind
DOCUMENTS: dict[str, str | Promise] = {
    "national_card": _("national card"),
    "birth_certificate": _("birth certificate"),
    "registry_letter": _("letter of the civil registration office"),
    "court_ruling": _("court ruling"),
    "passport": _("passport"),
}
FOR_TWO = frozenset({Identity.DECEASED, Identity.NOT_FOUND})


class NotSeen(Exception):  # noqa: N818  a state of affairs, not a fault
    """Something is missing. `documents`: none is named; `fields`: those that were not compared; `mobile`: no code came
    back, and no reason says why."""

    def __init__(self, *, documents: bool, fields: list[str], mobile: bool = False) -> None:
        super().__init__("not everything was compared")
        self.documents, self.fields, self.mobile = documents, fields, mobile


class TwoNeeded(Exception):  # noqa: N818
    """Two persons must have seen the documents of this request, and this would be one."""


class OtherFirst(Exception):  # noqa: N818
    """Somebody has given the first word already."""


class ChangedMeanwhile(Exception):  # noqa: N818
    """The identity is not the one that was read: somebody has corrected it."""


@dataclass(frozen=True)
class Seen:
    """What a clerk vouches for: keys of DOCUMENTS, and names of fields that are on them as in the request.

    `mobile`: why no code showed that the mobile is in the applicant's hands; not needed where one did. `mark`: of the
    identity that was read (`mark_of`); empty where nobody read a page.
    """

    documents: Collection[str] = ()
    fields: Collection[str] = ()
    mobile: str = ""
    mark: str = ""


def mark_of(request: RegistrationRequest) -> str:
    """Another one for another identity: by it a page knows whether what it shows still stands."""
    values = "\0".join(str(getattr(request, name)) for name in RegistrationRequest.IDENTITY_FIELDS)
    return sha256(values.encode()).hexdigest()[:16]


def refuse_changed(request: RegistrationRequest, mark: str) -> None:
    """Raises ChangedMeanwhile when another identity was read than the request has now."""
    if mark and mark != mark_of(request):
        raise ChangedMeanwhile


def needs_two(request: RegistrationRequest) -> bool:
    """Whether nobody may activate it alone."""
    return request.status == RegistrationRequest.Status.MISMATCH and request.identity in FOR_TWO


def to_compare(request: RegistrationRequest) -> list[str]:
    """Fields that a clerk must compare with the documents: those that differ or were corrected, in their order.

    All when the registry knows nobody.
    """
    if request.status != RegistrationRequest.Status.MISMATCH:
        return []
    if request.identity == Identity.NOT_FOUND:
        return [name for name in RegistrationRequest.IDENTITY_FIELDS if getattr(request, name)]
    corrected = [name for name, finding in request.findings.items() if finding == request.CORRECTED]
    return [name for name in request.IDENTITY_FIELDS if name in {*request.differing(), *corrected}]


def refuse_unseen(request: RegistrationRequest, seen: Seen) -> None:
    """Raises NotSeen unless `seen` is enough for this request, ChangedMeanwhile if it is about another identity.

    Raises ValueError for a document that is none.
    """
    refuse_changed(request, seen.mark)
    if unknown := set(seen.documents) - DOCUMENTS.keys():
        raise ValueError(f"no document is called {', '.join(sorted(unknown))}")
    named = bool(seen.documents) or request.status != RegistrationRequest.Status.MISMATCH
    fields = [name for name in to_compare(request) if name not in seen.fields]
    mobile = not seen.mobile.strip() and mobile_proved(request) is None
    if fields or mobile or not named:
        raise NotSeen(documents=not named, fields=fields, mobile=mobile)


def mobile_proved(request: RegistrationRequest) -> RequestEvent | None:
    """The event by which the mobile was shown to be in the applicant's hands: a code that was sent to it came back at
    the desk (registration.lifecycle.mobile). A request keeps its mobile.
    """
    told = RequestEvent.objects.filter(request=request.pk, kind=Kind.MOBILE_PROVED)
    return told.select_related("actor").order_by("-pk").first()


def first_word(request: RegistrationRequest) -> RequestEvent | None:
    """The word of the first of two; None when nobody has given it yet, or about data that were corrected since."""
    if not needs_two(request):
        return None
    told = RequestEvent.objects.filter(request=request.pk, kind__in=[Kind.FIRST_WORD, Kind.CORRECTED])
    newest = told.select_related("actor").order_by("-pk").first()
    return newest if newest and newest.kind == Kind.FIRST_WORD else None
