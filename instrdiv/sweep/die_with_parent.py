"""Become another program that the system kills as soon as the process that started it ends.

Run as ``python die_with_parent.py PARENT COMMAND…``, where PARENT is the process id of whoever
starts it. The kernel of Linux keeps the promise, even for a process that is stopped or hangs.
Elsewhere the command runs without it, and its starter must do what it can.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it ended before it was watched
            sys.exit(128 + signal.SIGKILL)
    os.execvp(command[0], command)
