"""The guest in the sandbox: it applies the restrictions, runs program and tests, and reports once.

`instrdiv.codeexec.sandbox` starts it as ``python -I guest.py FD`` in its own process. It reads its
job as JSON from standard input and writes one line to the file descriptor FD.
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
ALWAYS_DENIED = (
    # other processes and their memory
    "fork", "vfork", "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev",
    "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    "setpgid", "setsid", "prlimit64", "kcmp",
    # the network, and io_uring, which makes system calls that no filter sees
    "socket", "socketpair", "connect", "bind", "io_uring_setup",
    # the machine
    "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "bpf", "keyctl", "add_key",
    "reboot", "swapon", "swapoff", "init_module", "finit_module", "delete_module", "kexec_load",
    "perf_event_open", "userfaultfd", "sethostname", "settimeofday", "clock_settime", "shmget",
    "memfd_create", "mknod", "mknodat", "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown",
    "fchownat", "utimensat", "setxattr", "fsetxattr", "lsetxattr", "removexattr",
)  # fmt: skip
"""System calls that no program of a benchmark needs."""


def main() -> None:
    report = int(sys.argv[1])
    job = json.load(sys.stdin)
    os.close(0)
    os.open(os.devnull, os.O_RDONLY)  # becomes descriptor 0
    apply_restrictions(job["limits"], job["readable"], job["protections"])
    os.write(report, verdict(job["program"], job["tests"], job["token"]).encode())
    os._exit(0)  # so that neither threads nor exit handlers run


def apply_restrictions(limits: dict[str, int], readable: list[str], protections: list[str]) -> None:
    """Permanently give up everything that a program does not need."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for name, value in (
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_NOFILE, limits["open_files"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(name, (value, value))
    # Both libraries load others when they are imported, which needs an unrestricted process.
    calls = denied_calls() if "seccomp" in protections else None
    if "landlock" in protections:
        restrict_files(readable)
    if calls:
        calls.load()


def restrict_files(readable: list[str]) -> None:
    """Landlock: allow reading Python's own files and writing nothing."""
    from landlock import FSAccess, Ruleset

    rules = Ruleset()
    for path in readable:
        access = FSAccess.READ_FILE | (FSAccess.READ_DIR if os.path.isdir(path) else FSAccess(0))
        rules.allow(path, rules=access)
    rules.apply()


def denied_calls() -> Any:
    """A seccomp filter that denies new processes, the network, and signals to other processes."""
    import pyseccomp as seccomp

    denied = seccomp.ERRNO(errno.EPERM)
    calls = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
    for name in ALWAYS_DENIED:
        calls.add_rule(denied, name)
    # A thread is a clone that shares its process; a filter cannot read the flags of clone3.
    calls.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    calls.add_rule(denied, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, 0))
    for name in ("kill", "tgkill"):
        calls.add_rule(denied, name, seccomp.Arg(0, seccomp.NE, os.getpid()))
    calls.add_rule(denied, "tkill")
    return calls


def verdict(program: str, tests: str, token: str) -> str:
    """The token if the program's tests ran to their end, otherwise what went wrong.

    The tests are compiled before the program can change anything, get the original builtins, and
    run after the program, so that their functions replace those of the same name.

    The program is imported as a module: what follows ``if __name__ == "__main__":`` does not run.
    If it fails after defining what the tests need, for example in an example of use that reads
    input, the tests decide.
    """
    present, clean = vars(builtins), dict(vars(builtins))
    module = types.ModuleType("program")
    sys.modules[module.__name__] = module  # dataclasses and pickle look it up there
    names = vars(module)
    try:
        checked = compile(tests, "<tests>", "exec")
    except BaseException as error:
        return f"tests: {_error_name(error)}"
    failed = ""
    try:
        exec(compile(program, "<program>", "exec"), names)
    except BaseException as error:  # no error of a program may end this process
        failed = f"program: {_error_name(error)}"
    try:
        dict.update(present, clean)
        names["__builtins__"] = present
        sys.settrace(None)
        sys.setprofile(None)
        exec(checked, names)
    except BaseException as error:
        return failed or f"tests: {_error_name(error)}"
    return token


def _error_name(error: BaseException) -> str:
    """The name of an error's class, read safely even if the class redefines it."""
    return type.__getattribute__(type(error), "__name__")[:80]


if __name__ == "__main__":
    main()
