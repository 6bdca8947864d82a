"""What stands in a message's `last_error` where no provider said it."""

from datetime import timedelta


def why_given_up(remembered: timedelta) -> str:
    """For operators, at most 60 characters: why a message of unknown outcome is not sent again."""
    if not remembered:
        return "unknown, and its provider knows no message again"
    hours, rest = divmod(remembered, timedelta(hours=1))
    return f"unknown for {remembered // timedelta(minutes=1)} min" if rest else f"unknown for {hours} h"
