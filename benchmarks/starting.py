"""How long `make run` takes until the portal is open: at first over an empty directory, then over what is there."""

import os
import socket
import subprocess
import threading
import time
from pathlib import Path
from signal import SIGTERM

from benchmarks.stack import ROOT, Services
from benchmarks.tables import FEW_ROUNDS, figure, median, progress, table
from devtools.servers import kill_group

OWN = ("PATH", "HOME", "LANG", "TMPDIR")  # nothing of the benchmarks' own settings
OPEN = b"The portal is open"
PATIENCE = 180


def run(services: Services) -> None:
    directory = services.directory / "started"
    directory.mkdir(mode=0o711)  # PostgreSQL's own user must get through
    progress("start: over an empty directory")
    first, later = _start(directory), []
    for number in range(FEW_ROUNDS):
        progress(f"start: round {number + 1} of {FEW_ROUNDS}")
        later.append(_start(directory))
    table(
        "Seconds until `make run` has opened the portal",
        ("", "s", "range"),
        [
            ["over an empty DATA_DIR", f"{first:.1f}", "once"],
            ["over what is there", f"{median(later):.1f}", f"{min(later):.1f}–{max(later):.1f}"],
        ],
        "The packages are installed.",
    )
    figure("start, later", median(later))


def _start(directory: Path) -> float:
    """Seconds until it says that it is open; then it is ended."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = {name: os.environ[name] for name in OWN if name in os.environ}
    began = time.perf_counter()
    process = subprocess.Popen(
        ["make", "-s", "run"],  # noqa: S607  whichever make it is
        cwd=ROOT,
        env={**own, "DATA_DIR": str(directory), "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    patience = threading.Timer(PATIENCE, process.kill)  # ends the reading, too
    patience.start()
    said = []
    try:
        for line in process.stdout or ():
            said.append(line)
            if OPEN in line:
                return time.perf_counter() - began
        raise RuntimeError(f"make run did not open the portal:\n{b''.join(said[-20:]).decode(errors='replace')}")
    finally:
        patience.cancel()
        process.send_signal(SIGTERM)
        process.communicate(timeout=60)
        kill_group(process)
