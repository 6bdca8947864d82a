"""How far a long command is: a line that is redrawn on a terminal, else a new line every few seconds."""

import time
from collections.abc import Callable

from django.core.management.base import OutputWrapper

WIDTH = 30  # of the bar, in characters


def progress(
    total: int, stream: OutputWrapper, *, clock: Callable[[], float] = time.monotonic
) -> Callable[[int, int], None]:
    """The function to call with how much of `total` (bytes) and how many lines are done; it decides whether to draw."""
    is_terminal = stream.isatty()
    pause = 0.2 if is_terminal else 5.0  # seconds
    begun = drawn = clock()

    def show(done: int, lines: int) -> None:
        nonlocal drawn
        now = clock()
        if now - drawn < pause:
            return
        drawn = now
        share = min(done / total, 1.0) if total else 1.0
        rate = lines / (now - begun)
        left = (now - begun) * (1 - share) / share if share else 0.0
        text = f"{share:4.0%}  {lines} lines  {rate:.0f}/s  {_minutes(left)} left"
        if is_terminal:
            bar = "█" * int(share * WIDTH)
            text = f"\r\x1b[2K{bar:░<{WIDTH}} {text}"
        _write(stream, text if is_terminal else text + "\n")

    return show


def clear(stream: OutputWrapper) -> None:
    """Take the bar off the terminal."""
    if stream.isatty():
        _write(stream, "\r\x1b[2K")


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _write(stream: OutputWrapper, text: str) -> None:
    stream.write(text, str, "")  # neither in the colour of errors nor on a line of its own
    stream.flush()
