"""For the operator: what each kind of failure means, and what to do about it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.identity.failures import FailureKind, IdentityError

OTHER = (
    _("The service gave no answer that a decision could rest on"),
    _("The reason above says why; requests wait by themselves"),
)
ADVICE: dict[FailureKind, tuple[str | Promise, str | Promise]] = {
    FailureKind.AWAY: (
        _("Nothing came back from the service: no connection, no answer in time, or a gateway's error page"),
        _(
            "Check the address in the settings, the name server, the firewall, and with the provider whether this "
            "server's address is admitted and the service is running"
        ),
    ),
    FailureKind.LIMITED: (
        _("The service is asked too often"),
        _("Wait a minute. If it goes on, ask the provider for the rate that your contract allows"),
    ),
    FailureKind.UNDECIDED: (
        _("The service runs, but cannot tell at present, mostly because the registry behind it is away"),
        _("Try again later; requests wait by themselves. Ask the provider if it goes on for hours"),
    ),
    FailureKind.PAUSED: (
        _("The portal has stopped asking for some minutes, because the service did not answer several times"),
        _("Nothing: it is asked again by itself"),
    ),
    FailureKind.CAPPED: (
        _("This person was asked about as often as the portal allows; each inquiry costs money"),
        _("Take another person, or wait. The limit is LIMIT_INQUIRIES_PER_NATIONAL_CODE"),
    ),
    FailureKind.REFUSED: (
        _("The service does not accept the keys or passwords of the settings"),
        _("Compare them with those of your contract, letter by letter; a key may have been replaced by a newer one"),
    ),
    FailureKind.FORBIDDEN: (
        _("The account is known, but it may not use this service"),
        _("Ask the provider to enable both inquiries (owner of a mobile, identity) for your account and address"),
    ),
    FailureKind.CREDIT: (
        _("The account's credit is used up"),
        _("Top it up; requests wait and are decided afterwards"),
    ),
    FailureKind.QUOTA: (
        _("The day's number of inquiries that the provider allows is used up"),
        _("Wait until tomorrow, or ask the provider for a larger quota; requests wait by themselves"),
    ),
    FailureKind.INPUT: (
        _("The service refuses the form of the data, although the portal has checked it"),
        _("If what you typed is right, the contract wants another form: tell the developers the code above"),
    ),
    FailureKind.ODD: (
        _("The answer is none that the portal knows how to read"),
        _("Check the address in the settings. If it is right, the service has changed: tell the developers"),
    ),
    FailureKind.THIN: OTHER,
    FailureKind.DATABASE: OTHER,
    FailureKind.EMPTY: OTHER,
    FailureKind.NO_BACKEND: OTHER,
}


def explain(error: IdentityError) -> tuple[str, str]:
    """What happened, and what to do."""
    meaning, remedy = ADVICE[error.kind]
    return str(meaning), str(remedy)
