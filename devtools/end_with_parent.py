"""Become another program that ends with the process that started it: `end_with_parent.py PARENT SIGNAL USER command…`.

Linux sends SIGNAL (a number) to the command when PARENT (a pid) dies, `kill -9` included; other systems cannot. USER is
the login name to change to, or `-`; the change comes first, because it would make Linux forget the signal. This is a
program of its own because `preexec_fn` of `subprocess` may deadlock in a process with threads, and the tests have some.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent(parent: int, number: int) -> None:
    """Have the system send signal `number` to this process when `parent`, its parent's pid, dies. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died before it could be watched
            sys.exit(1)


def main(parent: str, number: str, user: str, *command: str) -> None:
    if user != "-":
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    end_with_parent(int(parent), int(number))
    os.execvp(command[0], command)  # noqa: S606 - a list of arguments, no shell


if __name__ == "__main__":
    main(*sys.argv[1:])
