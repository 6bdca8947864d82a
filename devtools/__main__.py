"""The program behind `make run`."""

import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # until something runs that must be stopped, Ctrl-C just ends, silently

from devtools.run import main  # noqa: E402

sys.exit(main())
