"""How long a text may be before anything looks into it.

Normalising a run of combining marks takes a time that grows with the square of its length, and every other thread of
the process waits meanwhile: 30 kB of them in a name cost 0.8 s. So the length of what was typed is looked at first.
"""

LONGEST = 300  # characters as they were typed; the longest thing that a form asks for is an e-mail address of 254


def is_too_long(text: str) -> bool:
    """Whether this cannot be anything that a form asks for, whatever it would be after normalisation."""
    return len(text) > LONGEST
