"""A supervisor over made-up parts, for the tests: `fake_portal.py '[[name, code, restarts, stage], …]' [nohup]` (JSON);
that one named "redis" is a real one over the directory that stands for its code.

Signals that whoever started the tests ignores (`nohup make test`, a shell's `&`) are taken here as at a terminal; with
`nohup`, SIGHUP is ignored as that command does it.
"""

import json
import signal
import sys
from pathlib import Path

from devtools import embedded, supervisor
from devtools.supervisor import Part, PartError, StopRequested, Supervisor


def say(name: str, line: str) -> None:
    sys.stdout.write(f"{name} {line}\n")
    sys.stdout.flush()


def main() -> int:
    supervisor.RESTART_AFTER = 0.05
    supervisor.RAPID_WITHIN = 600  # a busy machine may need a while for five processes
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN if "nohup" in sys.argv else signal.SIG_DFL)
    with Supervisor(Path.cwd(), {"PYTHONUNBUFFERED": "1"}, say) as parts:
        try:
            for name, code, restarts, stage in json.loads(sys.argv[1]):
                command = embedded.redis(Path(code)) if name == "redis" else [sys.executable, "-c", code]
                parts.start(Part(name, command, restarts, stage))
            parts.run()
        except StopRequested:
            return 0
        except PartError as failure:
            say("", str(failure))
    return 1


if __name__ == "__main__":
    sys.exit(main())
