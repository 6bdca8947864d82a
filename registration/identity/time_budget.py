"""How long one question may take altogether: token, question, and both once more when the token was refused."""

import time
from dataclasses import dataclass, field

from registration.identity.base import ASK_SECONDS
from registration.identity.failures import FailureKind, IdentityError

LEAST_SECONDS = 0.1  # with less left it is not worth beginning


@dataclass
class TimeBudget:
    """From now on, `seconds` of this process's clock."""

    seconds: float = field(default_factory=lambda: ASK_SECONDS)
    ends_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.ends_at = time.monotonic() + self.seconds

    def left(self) -> float:
        """Seconds; raises IdentityError when the time is up."""
        left = self.ends_at - time.monotonic()
        if left < LEAST_SECONDS:
            raise IdentityError(FailureKind.AWAY, "timeout")
        return left
