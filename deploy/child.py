"""Becomes a command that ends with its parent: `python child.py PARENT_PID COMMAND…`.

Comes in: the pid of the supervisor and a command line. Goes out: that command in this process, which the kernel kills
when the supervisor dies, even by kill -9. A script of its own, because code between fork and exec is not safe in a
process with threads. Linux only; elsewhere the command runs without that promise.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit("the supervisor has ended")


if __name__ == "__main__":
    end_with(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606
