"""The system calls that a program may make: a list of what Python and its libraries need.

All others fail, so that a call that a new kernel brings is denied before anyone has heard of it.
libseccomp turns the list into a filter for this processor; a name that it does not have, such as
``open`` on aarch64, is left out. Calls in the manner of another processor (32-bit, x32) kill.
"""

import errno
import fcntl
import os
import socket
import tempfile
import termios
from functools import cache
from typing import Any

ALLOWED = tuple(  # a paragraph reads better than a column of 140 lines
    """
    read pread64 readv preadv preadv2 write pwrite64 writev pwritev lseek close close_range
    dup dup2 dup3 pipe pipe2 eventfd2 timerfd_create timerfd_settime timerfd_gettime
    stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2 readlink readlinkat
    getdents64 getcwd chdir fchdir umask fadvise64
    select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
    recvfrom shutdown getsockname getpeername getsockopt
    mmap munmap mremap mprotect madvise brk
    futex sched_yield sched_getaffinity set_robust_list set_tid_address rseq arch_prctl
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait
    sigaltstack restart_syscall pause alarm getitimer setitimer
    time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep times getrusage
    getpid getppid gettid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid
    getgroups getpriority capget getcpu getrandom uname sysinfo getrlimit setrlimit
    wait4 waitid exit exit_group
    """.split()  # noqa: SIM905
)
"""Calls that can do no harm, whatever their arguments: they reach only the process itself and files
that Landlock lets it open. ``wait4`` waits for children, of which a program has none."""

NOT_THERE = (
    "clone3", "openat2", "epoll_pwait2", "futex_wait", "futex_waitv", "futex_requeue", "fchmodat2",
)  # fmt: skip
"""Calls that libraries replace by older ones where a kernel does not have them. A filter cannot
read the arguments of the first two."""

ONE = 0x5E1F0BAD
"""Stands in the filter for the one process that may be signalled, until that is known."""

CLONE_THREAD = 0x00010000
NEW_NAMESPACES = 0x7E020080  # each CLONE_NEW… flag
PR_SET_NAME, PR_GET_NAME = 15, 16
F_GETPIPE_SZ = 1032
TMPFILE = 0o20000000  # the kernel's __O_TMPFILE, without O_DIRECTORY
WRITING = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | TMPFILE
FCNTL = (fcntl.F_DUPFD, fcntl.F_DUPFD_CLOEXEC, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL)
IOCTL = ("TCGETS", "TIOCGWINSZ", "FIONREAD", "FIONBIO", "FIOCLEX", "FIONCLEX")


@cache
def compiled_filter(architecture: str | None = None) -> bytes:
    """The filter as the kernel takes it, with `ONE` in place of a process.

    Args:
        architecture: of libseccomp's names, such as ``aarch64``; this machine's if None.

    >>> len(compiled_filter()) % 8  # each instruction has eight bytes
    0

    Raises:
        ImportError, OSError: pyseccomp or libseccomp is missing.
    """
    import pyseccomp as seccomp

    # What is not there is told apart from what is denied, as on a kernel that is older.
    filter_ = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    number = getattr(seccomp.Arch, architecture.upper()) if architecture else seccomp.system_arch()
    if number != seccomp.system_arch():
        filter_.add_arch(number)
        filter_.remove_arch(seccomp.system_arch())

    def rule(action: Any, name: str, *arguments: Any) -> None:
        if seccomp.resolve_syscall(number, name) >= 0:
            filter_.add_rule(action, name, *arguments)

    for name in ALLOWED:
        rule(seccomp.ALLOW, name)
    for name in NOT_THERE:
        rule(seccomp.ERRNO(errno.ENOSYS), name)
    for name, arguments in _checked(seccomp):
        rule(seccomp.ALLOW, name, *arguments)
    with tempfile.TemporaryFile() as file:
        filter_.export_bpf(file)
        file.seek(0)
        return file.read()


def _checked(seccomp: Any) -> list[tuple[str, list[Any]]]:
    """Calls that are harmless with some arguments: each with the test of these."""

    def equal(position: int, value: int) -> Any:
        return seccomp.Arg(position, seccomp.EQ, value)

    def masked(position: int, mask: int, value: int = 0) -> Any:
        return seccomp.Arg(position, seccomp.MASKED_EQ, mask, value)

    stream = socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    return [
        # Reading alone: where Landlock is older than Linux 6.2, O_TRUNC would empty a file.
        ("open", [masked(1, WRITING)]),
        ("openat", [masked(2, WRITING)]),
        # O_ASYNC and F_SETOWN have the kernel send any signal to any process of the user.
        *(("fcntl", [equal(1, command)]) for command in (*FCNTL, F_GETPIPE_SZ)),
        ("fcntl", [equal(1, fcntl.F_SETFL), masked(2, os.O_ASYNC)]),
        *(("ioctl", [equal(1, getattr(termios, name))]) for name in IOCTL),
        # Threads, but no processes.
        ("clone", [masked(0, CLONE_THREAD | NEW_NAMESPACES, CLONE_THREAD)]),
        *(("prctl", [equal(0, option)]) for option in (PR_SET_NAME, PR_GET_NAME)),
        *((name, [equal(0, ONE)]) for name in ("kill", "tgkill")),
        ("prlimit64", [equal(0, 0)]),  # its own limits, which it cannot raise
        # What asyncio wakes itself up with: a connected pair reaches nobody else, since a stream
        # takes no address. A datagram would.
        ("socketpair", [equal(0, socket.AF_UNIX),
                        masked(1, 0xFFFFFFFF & ~stream, socket.SOCK_STREAM)]),
        ("sendto", [equal(4, 0)]),
    ]  # fmt: skip
