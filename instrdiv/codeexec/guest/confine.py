"""Permanently give up everything that a program does not need."""

import ctypes
import os
import resource
import signal
import struct
from typing import Any, NamedTuple

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 8, 22, 38
SECCOMP_MODE_FILTER = 2
CAP_DAC_READ_SEARCH = 2
CAPABILITIES_VERSION = 0x20080522
CLONE_NEWUSER = 0x10000000
NAMESPACES = 0x20000000 | 0x08000000 | 0x40000000 | 0x00020000
"""CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWNET and CLONE_NEWNS. The kernel's own call takes a fraction
of a millisecond, bubblewrap twenty."""
MS_RDONLY, MS_PRIVATE_ALL = 1, 0x4000 | 0x40000
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Landlock's calls have these numbers on every processor."""
READ_FILE, READ_DIR = 1 << 2, 1 << 3

libc = ctypes.CDLL(None, use_errno=True)


class Restrictions(NamedTuple):
    """What a program is confined by.

    Attributes:
        limits: of the resources with these names, soft and hard.
        processes: most processes and threads together, where they can be counted.
        readable: files and folders that may be read under Landlock.
        listed: folders of which only the names in them may be read.
        landlock: the version of Landlock to use; 0 for none.
        filter: of system calls; empty for none.
        one: what stands in `filter` for the process that may be signalled.
        identity: whether root becomes a user of its own.
        namespaces: whether other processes, IPC objects and networks cease to exist, and ``/proc``
            is empty.
    """

    limits: dict[str, tuple[int, int]]
    processes: int
    readable: list[str]
    listed: list[str]
    landlock: int
    filter: bytes
    one: bytes
    identity: bool
    namespaces: bool


def confine(restrictions: Restrictions) -> None:
    """Apply everything but the filter of system calls, which comes after the last fork.

    Raises:
        OSError, ValueError: the kernel refuses; the message says what.
    """
    for name, both in restrictions.limits.items():
        resource.setrlimit(getattr(resource, name), both)
    root = os.geteuid() == 0
    if restrictions.namespaces:
        _call("unshare", NAMESPACES if root else NAMESPACES | CLONE_NEWUSER)
        # Links in it can be read under Landlock, and say what a process is called outside.
        _call("mount", None, b"/", None, MS_PRIVATE_ALL, None)
        _call("mount", b"none", b"/proc", b"tmpfs", MS_RDONLY, None)
    if root and restrictions.identity:
        closed = not _open_to_all(restrictions.readable)
        _become_nobody(keep_reading=bool(restrictions.landlock) and closed)
    if restrictions.namespaces or (root and restrictions.identity):
        # These count for this program alone: elsewhere all threads of the user would count.
        resource.setrlimit(resource.RLIMIT_NPROC, (restrictions.processes,) * 2)
    if restrictions.identity and not root:
        _drop_capabilities()
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    die_with_parent()  # a change of identity forgets it
    if restrictions.landlock:
        _restrict_files(restrictions.landlock, restrictions.readable, restrictions.listed)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends; the filter keeps it from being
    undone."""
    _call("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def filter_calls(restrictions: Restrictions, process: int) -> None:
    """Filter system calls from now on; of all processes, signals may go to one."""
    if not restrictions.filter:
        return
    code = restrictions.filter.replace(restrictions.one, struct.pack("I", process))
    buffer = ctypes.create_string_buffer(code, len(code))
    loaded = struct.pack("HP", len(code) // 8, ctypes.addressof(buffer))  # struct sock_fprog
    _call("prctl", PR_SET_SECCOMP, SECCOMP_MODE_FILTER, loaded)


def _become_nobody(keep_reading: bool) -> None:
    """Turn from root into a user that nothing belongs to, not even another program."""
    _call("prctl", PR_SET_KEEPCAPS, int(keep_reading), 0, 0, 0)
    os.setgroups([])
    # In a container only some numbers are users.
    for number in (2**30 + os.getpid(), 10_000 + os.getpid() % 50_000):
        try:
            os.setresgid(number, number, number)
            os.setresuid(number, number, number)
            break
        except OSError as error:
            refused = error
    else:
        raise refused
    # Python itself may lie in a folder of root's. Landlock allows reading nothing else.
    _drop_capabilities(1 << CAP_DAC_READ_SEARCH if keep_reading else 0)


def _drop_capabilities(but: int = 0) -> None:
    header = struct.pack("Ii", CAPABILITIES_VERSION, 0)
    _call("capset", header, struct.pack("6I", but, but, 0, 0, 0, 0))


def _open_to_all(paths: list[str]) -> bool:
    """Whether every user may enter these folders and all above them."""
    above = {
        os.sep.join(parts[:end]) or os.sep
        for parts in (os.path.realpath(path).split(os.sep) for path in paths)
        for end in range(1, len(parts))
    }
    return all(os.stat(folder).st_mode & 0o001 for folder in above)


def _restrict_files(version: int, readable: list[str], listed: list[str]) -> None:
    """Landlock: allow reading Python's own files and writing nothing; later versions also keep
    signals and connections inside."""
    rights = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    handled = struct.pack("QQQ", rights, 0b11, 0b11)  # files; binding, connecting; scopes
    handled = handled[: 8 if version < 4 else 16 if version < 6 else 24]
    may_read = set(readable)
    rules = _call("syscall", CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    for path in (*readable, *listed):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        access = (READ_FILE if path in may_read else 0) | (READ_DIR if os.path.isdir(path) else 0)
        _call("syscall", ADD_RULE, rules, 1, struct.pack("=Qi", access, place), 0)
        os.close(place)
    _call("syscall", RESTRICT_SELF, rules, 0)
    os.close(rules)


def _call(name: str, *arguments: Any) -> int:
    wide = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in arguments]
    answer: int = getattr(libc, name)(*wide)
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return answer
