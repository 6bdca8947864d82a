"""For the operator: what each kind of trouble means, and what to do about it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.identity.base import Unavailable
from registration.identity.failures import Failure, Trouble

ADVICE: dict[Trouble, tuple[str | Promise, str | Promise]] = {
    Trouble.AWAY: (
        _("Nothing came back from the service: no connection, no answer in time, or a gateway's error page"),
        _(
            "Check the address in the settings, the name server, the firewall, and with the provider whether this "
            "server's address is admitted and the service is running"
        ),
    ),
    Trouble.LIMITED: (
        _("The service is asked too often"),
        _("Wait a minute. If it goes on, ask the provider for the rate that your contract allows"),
    ),
    Trouble.UNDECIDED: (
        _("The service runs, but cannot tell at present, mostly because the registry behind it is away"),
        _("Try again later; requests wait by themselves. Ask the provider if it goes on for hours"),
    ),
    Trouble.PAUSED: (
        _("The portal has stopped asking for some minutes, because the service did not answer several times"),
        _("Nothing: it is asked again by itself"),
    ),
    Trouble.CAPPED: (
        _("This person was asked about as often as the portal allows; each inquiry costs money"),
        _("Take another person, or wait. The limit is LIMIT_INQUIRIES_PER_NATIONAL_CODE"),
    ),
    Trouble.REFUSED: (
        _("The service does not accept the keys or passwords of the settings"),
        _("Compare them with those of your contract, letter by letter; a key may have been replaced by a newer one"),
    ),
    Trouble.FORBIDDEN: (
        _("The account is known, but it may not use this service"),
        _("Ask the provider to enable both inquiries (owner of a mobile, identity) for your account and address"),
    ),
    Trouble.CREDIT: (
        _("The account's credit is used up"),
        _("Top it up; requests wait and are decided afterwards"),
    ),
    Trouble.QUOTA: (
        _("The day's number of inquiries that the provider allows is used up"),
        _("Wait until tomorrow, or ask the provider for a larger quota; requests wait by themselves"),
    ),
    Trouble.INPUT: (
        _("The service refuses the form of the data, although the portal has checked it"),
        _("If what you typed is right, the contract wants another form: tell the developers the code above"),
    ),
    Trouble.ODD: (
        _("The answer is none that the portal knows how to read"),
        _("Check the address in the settings. If it is right, the service has changed: tell the developers"),
    ),
}
OTHER = (
    _("The service gave no answer that a decision could rest on"),
    _("The reason above says why; requests wait by themselves"),
)


def explain(error: Unavailable) -> tuple[str, str]:
    """What happened, and what to do."""
    meaning, remedy = ADVICE[error.trouble] if isinstance(error, Failure) else OTHER
    return str(meaning), str(remedy)
