"""What runs in the sandbox: apply the restrictions, run the program, its tests, report once.

Started by `instrdiv.codeexec.sandbox` as ``python -I guest.py FD`` in a process of its own. It
reads its job as JSON from standard input and writes one line to the file descriptor FD.
"""

import builtins
import ctypes
import errno
import json
import os
import resource
import signal
import sys
import types
from typing import Any

PR_SET_PDEATHSIG = 1
CLONE_THREAD = 0x00010000
NEVER = (
    # other processes and their memory
    "fork", "vfork", "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev",
    "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    "setpgid", "setsid", "prlimit64", "kcmp",
    # the network, and rings that do system calls unseen
    "socket", "socketpair", "connect", "bind", "io_uring_setup",
    # the machine
    "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "bpf", "keyctl", "add_key",
    "reboot", "swapon", "swapoff", "init_module", "finit_module", "delete_module", "kexec_load",
    "perf_event_open", "userfaultfd", "sethostname", "settimeofday", "clock_settime", "shmget",
    "memfd_create", "mknod", "mknodat", "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown",
    "fchownat", "utimensat", "setxattr", "fsetxattr", "lsetxattr", "removexattr",
)  # fmt: skip
"""System calls that no benchmark's program needs."""


def main() -> None:
    report = int(sys.argv[1])
    job = json.load(sys.stdin)
    os.close(0)
    os.open(os.devnull, os.O_RDONLY)  # becomes descriptor 0
    lock(job["limits"], job["readable"], job["protections"])
    os.write(report, verdict(job["program"], job["tests"], job["token"]).encode())
    os._exit(0)  # neither threads nor exit handlers get another say


def lock(limits: dict[str, int], readable: list[str], protections: list[str]) -> None:
    """Give up, for good, everything that a program does not need."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for name, value in (
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(name, (value, value))
    # Both libraries look for others when they are imported, which only an open process can.
    calls = allowed_calls() if "seccomp" in protections else None
    if "landlock" in protections:
        forbid_files(readable)
    if calls:
        calls.load()


def forbid_files(readable: list[str]) -> None:
    """Landlock: read Python's own files and write nothing."""
    from landlock import FSAccess, Ruleset

    rules = Ruleset()
    for path in readable:
        may = FSAccess.READ_FILE | (FSAccess.READ_DIR if os.path.isdir(path) else FSAccess(0))
        rules.allow(path, rules=may)
    rules.apply()


def allowed_calls() -> Any:
    """Seccomp's filter: no processes, no network, no signals to others."""
    import pyseccomp as seccomp

    denied = seccomp.ERRNO(errno.EPERM)
    calls = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
    for name in NEVER:
        calls.add_rule(denied, name)
    # A thread is a clone that shares its process; of clone3 no filter can look at the flags.
    calls.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    calls.add_rule(denied, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, 0))
    for name in ("kill", "tgkill"):
        calls.add_rule(denied, name, seccomp.Arg(0, seccomp.NE, os.getpid()))
    calls.add_rule(denied, "tkill")
    return calls


def verdict(program: str, tests: str, token: str) -> str:
    """The token if the program's tests ran to their end, else what went wrong.

    The tests are compiled before the program can change anything, get builtins as they were, and
    come after the program, so that a function of theirs replaces one of the same name.

    The program is a module that is imported: what it does only when it is started, behind
    ``if __name__ == "__main__":``, it does not do. Where it fails at the end, after it defined what
    the tests want, such as in a use of its own that reads input, the tests decide.
    """
    present, clean = vars(builtins), dict(vars(builtins))
    module = types.ModuleType("program")
    sys.modules[module.__name__] = module  # dataclasses and pickle look for it there
    names = vars(module)
    try:
        checked = compile(tests, "<tests>", "exec")
    except BaseException as error:
        return f"tests: {_kind(error)}"
    failed = ""
    try:
        exec(compile(program, "<program>", "exec"), names)
    except BaseException as error:  # whatever it raises, a program may not end this process
        failed = f"program: {_kind(error)}"
    try:
        dict.update(present, clean)
        names["__builtins__"] = present
        sys.settrace(None)
        sys.setprofile(None)
        exec(checked, names)
    except BaseException as error:
        return failed or f"tests: {_kind(error)}"
    return token


def _kind(error: BaseException) -> str:
    """The name of an error's class, which may be a trap."""
    return type.__getattribute__(type(error), "__name__")[:80]


if __name__ == "__main__":
    main()
