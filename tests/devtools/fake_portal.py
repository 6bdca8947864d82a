"""A supervisor over made-up parts, for the tests: `fake_portal.py '[[name, code, restarts], …]'` (JSON)."""

import json
import sys
from pathlib import Path

from devtools import supervisor
from devtools.supervisor import Part, PartError, StopRequested, Supervisor


def say(name: str, line: str) -> None:
    sys.stdout.write(f"{name} {line}\n")
    sys.stdout.flush()


def main() -> int:
    supervisor.RESTART_AFTER = 0.05
    with Supervisor(Path.cwd(), {"PYTHONUNBUFFERED": "1"}, say) as parts:
        try:
            for name, code, restarts in json.loads(sys.argv[1]):
                parts.start(Part(name, [sys.executable, "-c", code], restarts=restarts))
            parts.run()
        except StopRequested:
            return 0
        except PartError as failure:
            say("", str(failure))
    return 1


if __name__ == "__main__":
    sys.exit(main())
