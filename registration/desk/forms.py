"""What a clerk fills in to activate, refuse or withdraw a request, and to open one of another province."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from iran.plain_form import PlainForm
from registration.desk.words import OTHER, WordsField, in_words
from registration.lifecycle import documents
from registration.lifecycle.documents import DOCUMENTS, Seen
from registration.models import RegistrationRequest
from registration.pages.identity_values import shown

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Reasons = Sequence[tuple[str, str | Promise]]
LONGEST = 200
CORRECTED_MEANWHILE = _("A colleague corrected the data meanwhile. Compare them anew.")


class WhyForm(PlainForm):
    """A reason from the list, a text, or both. The text is kept for colleagues; citizens do not receive it."""

    REASONS: ClassVar[Reasons] = ()
    NEEDED: ClassVar["StrPromise | str"] = _("Write the reason")
    CHOOSE: ClassVar["StrPromise | str"] = _("Choose the reason")

    reason = forms.ChoiceField(
        label=_("Reason"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose a reason from the list")},
    )
    details = WordsField(
        label=_("Explanation"),
        help_text=_("Your colleagues read it, the citizen does not. At most 200 characters."),
        required=False,
        max_length=LONGEST,
        error_messages={"max_length": _("The explanation must be 200 characters or less")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, reasons: Reasons = (), **kwargs: Any) -> None:
        """`reasons`: instead of REASONS; "another one" is added to either."""
        super().__init__(*args, **kwargs)
        self.reasons = (*(reasons or self.REASONS), (OTHER, _("Another reason")))
        self.fields["reason"].choices = self.reasons  # type: ignore[attr-defined]
        self.fields["reason"].error_messages |= {"required": self.CHOOSE}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") == OTHER and not cleaned.get("details") and "details" not in self.errors:
            self.add_error("details", self.NEEDED)
        return cleaned

    def text(self) -> str:
        """The reason for the record, in the language of the desk; at most 300 characters."""
        return in_words(self.reasons, self.cleaned_data["reason"], self.cleaned_data["details"])


class RejectForm(WhyForm):
    """Why a request is refused."""

    REASONS = (
        ("documents", _("The documents do not agree with the request")),
        ("identity", _("The person who came is not the applicant")),
        ("incomplete", _("The documents were not complete")),
        ("mobile", _("The mobile number is not the applicant’s own")),
    )
    NEEDED = _("Write the reason of the refusal")


class ReachForm(WhyForm):
    """Why a request of another province is opened."""

    REASONS = (
        ("here", _("The applicant is here with the documents")),
        ("called", _("The applicant is on the telephone")),
        ("colleague", _("A colleague of the other branch asked for it")),
    )
    NEEDED = _("Write the reason for opening the request")
    CHOOSE = _("Choose the reason for opening the request")


class WithdrawForm(WhyForm):
    """Why a citizen wants a request to end."""

    REASONS = (
        ("again", _("Wants to register again with other data")),
        ("mistake", _("Registered by mistake")),
        ("not_theirs", _("Did not send this request")),
    )
    NEEDED = _("Write the reason of the withdrawal")
    CHOOSE = _("Choose the reason of the withdrawal")


class Compared(NamedTuple):
    """A field that the clerk compares with the documents: its name, what it is called, what the citizen wrote."""

    name: str
    label: str | Promise
    value: str | Promise


def documents_field() -> forms.MultipleChoiceField:
    """Which original documents were seen; one at least."""
    return forms.MultipleChoiceField(
        label=_("Original documents that you have seen"),
        choices=list(DOCUMENTS.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Name the documents that you have seen"),
            "invalid_choice": _("Choose the documents from the list"),
        },
    )


def seen_documents(names: Collection[str]) -> str:
    """For the record, in the language of the desk: keys of DOCUMENTS in words."""
    named = gettext(", ").join(str(DOCUMENTS[name]) for name in DOCUMENTS if name in names)
    return gettext("Seen: %(documents)s") % {"documents": named}


NO_CODE = [
    ("no_signal", _("The phone has no signal here")),
    ("not_here", _("The applicant does not have the phone with them")),
    ("not_arriving", _("The code does not arrive")),
    (OTHER, _("Another reason")),
]


class ActivateForm(forms.Form):
    """What a clerk vouches for. How much is asked is what registration.lifecycle.documents asks of this request.

    Every message is about something that is not ticked; none is shown beside its box, since the boxes are few.
    """

    documents_seen = forms.BooleanField(
        error_messages={"required": _("Tick first that you have seen the identity documents")}
    )
    documents = forms.MultipleChoiceField(
        choices=list(DOCUMENTS.items()),
        required=False,
        error_messages={"invalid_choice": _("Choose the documents from the list")},
    )
    compared = forms.MultipleChoiceField(required=False)
    no_code = forms.ChoiceField(
        choices=NO_CODE, required=False, error_messages={"invalid_choice": _("Choose a reason from the list")}
    )
    no_code_words = WordsField(
        required=False,
        max_length=LONGEST,
        error_messages={"max_length": _("The explanation must be 200 characters or less")},
    )
    mark = forms.CharField(required=False, max_length=16)

    def __init__(self, row: RegistrationRequest, data: Any = None) -> None:
        super().__init__(data)
        self.row = row
        self.proved = documents.mobile_proved(row)
        self.fields["compared"].choices = [(one.name, one.label) for one in self.to_compare()]  # type: ignore[attr-defined]

    def present_mark(self) -> str:
        return documents.mark_of(self.row)

    def to_compare(self) -> list[Compared]:
        fields = RegistrationRequest._meta
        return [
            Compared(name, fields.get_field(name).verbose_name, shown(self.row, name))  # type: ignore[union-attr]
            for name in documents.to_compare(self.row)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        try:
            documents.refuse_unseen(self.row, self._seen(cleaned))
        except documents.ChangedMeanwhile:
            self.add_error(None, CORRECTED_MEANWHILE)
        except documents.NotSeen as lacking:
            if lacking.documents:
                self.add_error("documents", _("Name the documents that you have seen"))
            if lacking.fields:
                names = {one.name: str(one.label) for one in self.to_compare()}
                told = {"fields": gettext(", ").join(names[name] for name in lacking.fields)}
                self.add_error("compared", _("Compare with the documents and tick: %(fields)s") % told)
            if lacking.mobile and "no_code" not in self.errors:
                self.add_error("no_code", _("Send a code to the mobile, or say why that is not possible"))
        return cleaned

    def _no_code(self, cleaned: dict[str, Any]) -> str:
        """The reason in words; empty where there is none, or a code came back."""
        reason = cleaned.get("no_code", "")
        return "" if self.proved or not reason else in_words(NO_CODE, reason, cleaned.get("no_code_words", ""))

    def _seen(self, cleaned: dict[str, Any]) -> Seen:
        mark = cleaned.get("mark", "")
        ticked = {"documents": cleaned.get("documents", ()), "fields": cleaned.get("compared", ())}
        return Seen(**ticked, mobile=self._no_code(cleaned), mark=mark)

    def seen(self) -> Seen:
        return self._seen(self.cleaned_data)

    def words(self) -> str:
        """For the record, in the language of the desk: the documents, and the fields that were compared."""
        seen = self.seen()
        parts = [seen_documents(seen.documents)] if seen.documents else []
        if seen.fields:
            named = gettext(", ").join(str(one.label) for one in self.to_compare() if one.name in seen.fields)
            parts.append(gettext("on them as in the request: %(fields)s") % {"fields": named})
        if seen.mobile:
            parts.append(gettext("mobile without a code: %(reason)s") % {"reason": seen.mobile})
        else:
            parts.append(gettext("mobile by a code"))
        return gettext("; ").join(parts)
