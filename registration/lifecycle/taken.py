"""What a citizen reads whose national code has a request in checking, or an account (docs/decisions/0007, 0038)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User

# The words of the guide, at the first step and wherever a person turns out to have a request in checking.
TAKEN = _(
    "A request with this national code exists. Please wait for the text message that you need to go on with the "
    "registration."
)
# No message will come to whom an account exists already.
ACCOUNT = _(
    "An account with this national code exists. Sign in, or recover your password if you have forgotten it. If you no "
    "longer have the mobile phone of the account, go to the nearest branch with your national card and birth "
    "certificate."
)


def why(national_code: str) -> ValidationError:
    """What blocks a new request, in the words for its citizen; the code is "account" or "taken"."""
    if User.objects.filter(national_code=national_code, activated_at__isnull=False).exists():
        return ValidationError(ACCOUNT, code="account")
    return ValidationError(TAKEN, code="taken")
