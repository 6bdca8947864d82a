"""Text messages of the peers: a code becomes a file, named by the mobile, which the benchmark reads."""

import os
from pathlib import Path

DIRECTORY = Path(os.environ["CODES"])


def send(mobile: str, code: str) -> None:
    whole = DIRECTORY / f"{mobile}.new"
    whole.write_text(code, "ascii")
    whole.rename(whole.with_suffix(""))  # there at once with all its content
