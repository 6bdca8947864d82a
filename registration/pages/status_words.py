"""What the status of a request means, in the citizen's words. The tracking page and the profile."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration.models import Status

# What a status means to the citizen, and what to do next.
MEANINGS: dict[str, tuple[Promise, Promise]] = {
    Status.SUBMITTED: (
        _("Your request is being checked"),
        _("The result will be sent to you by text message. You need not do anything."),
    ),
    Status.ACTIVATED: (_("Your account is active"), _("You can sign in with your national code and password.")),
    Status.BRANCH: (
        _("Your registration was approved; your account awaits activation at a branch"),
        _("Please go to the nearest branch with your identity documents."),
    ),
    Status.MISMATCH: (
        _("The details you entered could not be confirmed"),
        _(
            "You may register again. If you are sure of your details, please go to the nearest branch with your "
            "identity documents."
        ),
    ),
    Status.EXPIRED: (
        _("No answer was received about your request in time"),
        _("This was not your fault. Please register again."),
    ),
    Status.REJECTED: (
        _("Your request was not approved by the branch"),
        _("You may register again, or ask at the branch for the reason."),
    ),
    Status.SUPERSEDED: (
        _("A newer request of yours has taken the place of this one"),
        _("Use the tracking code of the newer request."),
    ),
    Status.WITHDRAWN: (
        _("This request was withdrawn at its applicant’s wish"),
        _("It is not checked any more. You may register again whenever you like."),
    ),
}


GO_TO_BRANCH = frozenset({Status.BRANCH, Status.MISMATCH, Status.REJECTED})
