"""What stands in a message's `last_error` where no provider said it. All of it: whoever reads the column looks here.

Beside these there is what a provider said, as `str` of an SmsError tells it, and the state that a delivery report
named (sms.backends.base.DeliveryState). For operators and the desk's "last problem"; nothing acts on it.
"""

from datetime import timedelta
from typing import Final

LENGTH: Final = 60  # characters of the column

UNKNOWN: Final = "unknown"  # the answer was lost: it may have been sent
NOBODY_TELLS_RESULTS: Final = "no provider tells results any more"
# Details of an SmsError that the outbox itself raises; its kind stands before them.
NOT_IN_SETTINGS: Final = "provider not in SMS_BACKEND"
ODD_TEXT: Final = "text empty or too long"


def of(error: Exception) -> str:
    """What is kept of an SmsError."""
    return str(error)[:LENGTH]


def why_given_up(remembered: timedelta) -> str:
    """Why a message of unknown outcome is not sent again."""
    if not remembered:
        return f"{UNKNOWN}, and its provider knows no message again"
    hours, rest = divmod(remembered, timedelta(hours=1))
    return f"{UNKNOWN} for {remembered // timedelta(minutes=1)} min" if rest else f"{UNKNOWN} for {hours} h"
