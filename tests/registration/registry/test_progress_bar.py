"""The progress line of long commands."""

from io import StringIO

import pytest
from django.core.management.base import OutputWrapper

from registration.management.progress_bar import clear, progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("screen", "pause"), [(Terminal(), 0.2), (StringIO(), 5.0)])
def test_progress_tells_rate_and_time_left_now_and_then(screen: StringIO, pause: float) -> None:
    times = iter([0.0, pause / 2, 50.0, 50.0 + pause / 2, 100.0])
    show = progress(1000, OutputWrapper(screen), clock=lambda: next(times))
    for done in (1, 250, 300, 1000):
        show(done, done * 10)
    clear(OutputWrapper(screen))
    drawn = [line for line in screen.getvalue().replace("\r\x1b[2K", "\n").splitlines() if line]
    assert [line.lstrip("█░ ") for line in drawn] == [
        "25%  2500 lines  50/s  2:30 left",
        "100%  10000 lines  100/s  0:00 left",
    ]
    assert screen.getvalue().endswith("\r\x1b[2K" if screen.isatty() else "left\n")
