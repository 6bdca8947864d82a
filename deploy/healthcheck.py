"""Whether what this container is for is being done: exit status 0 or 1, for the container's health.

Without argument: the web server answers. `worker`: it has given a sign of life (WORKER_PULSE_FILE). One that has been
silent for SILENT_SECONDS cannot even end itself any more, so it is ended here, and the container is started again.
"""

import http.client
import os
import signal
import sys
import time
from pathlib import Path

SILENT_SECONDS = 180  # a sign comes every 15 s; the worker itself waits for 120 s until it ends


def main(arguments: list[str]) -> int:
    return worker(Path(os.environ["WORKER_PULSE_FILE"])) if arguments == ["worker"] else web()


def web() -> int:
    host = (os.environ.get("ALLOWED_HOSTS") or os.environ.get("PORTAL_HOST") or "localhost").split(",")[0]
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=3)
    try:
        connection.request("GET", "/health/live", headers={"Host": host})
        return 0 if connection.getresponse().status == http.client.OK else 1
    except (OSError, http.client.HTTPException):
        return 1


def worker(file: Path) -> int:
    try:
        age = time.time() - file.stat().st_mtime
        if age <= SILENT_SECONDS:
            return 0
        os.kill(int(file.read_text(encoding="ascii")), signal.SIGKILL)
    except (OSError, ValueError):
        pass  # it has not begun, or is being started again
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
