"""Levels of a sign-in, as services know them (`acr`, `amr`): docs/services.md, levels.

1: the password, on a device that the account knows. 2: the password, and a code from a text message in this session.
The addresses name a level for ever; nothing need be found there.
"""

from collections.abc import Iterable

from django.conf import settings

PASSWORD, CODE = 1, 2
AMR = {PASSWORD: ["pwd"], CODE: ["pwd", "sms", "mfa"]}


def acr(level: int) -> str:
    return f"{settings.SSO_ISSUER}/acr/{level}"


def names() -> list[str]:
    return [acr(level) for level in AMR]


def wanted(acr_values: str, lowest: int) -> int:
    """The level to reach: what the service's row demands, or more if the first of `acr_values` known here is more.

    They are wishes (Core, 3.1.2.1), in the order of preference; names that are not known here say nothing.
    """
    known = [level for name in acr_values.split() for level in AMR if acr(level) == name]
    return max(lowest, first(known))


def first(levels: Iterable[int]) -> int:
    return next(iter(levels), PASSWORD)
