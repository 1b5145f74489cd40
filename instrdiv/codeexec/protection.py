"""Which defences stand on this machine, what each keeps out, and what may be missing.

If the kernel lacks one, nothing is run, unless the environment variable ``INSTRDIV_RUN_WITHOUT``
names what may be missing. ``INSTRDIV_RUN_WITHOUT=namespaces`` suits a container that may not make
new ones: what they keep out, others do too, but for a number of threads. With
``landlock,seccomp,identity,namespaces`` only the limits are left, and programs can read and delete
files: use it only where nothing can be lost.
"""

import os
import resource
from functools import cache

from instrdiv.codeexec.process import Limits, NoProtection, landlock_version, run_confined

KEEPS_OUT = {
    "landlock": "reads only Python's own files, writes none",
    "seccomp": (
        "no processes, sockets, objects shared with others, changes of files or their attributes, "
        "signals to others"
    ),
    "identity": "no rights of root's or of another program's",
    "namespaces": "no other process or network can be named, /proc is empty, threads are counted",
}
"""The defences, each with what it means for a program."""
PROTECTIONS = tuple(KEEPS_OUT)
RUN_WITHOUT = "INSTRDIV_RUN_WITHOUT"
"""Environment variable with the protections that may be missing, separated by commas."""
ULIMITS = {
    "RLIMIT_CPU": "-t",
    "RLIMIT_AS": "-v",
    "RLIMIT_NOFILE": "-n",
    "RLIMIT_FSIZE": "-f",
    "RLIMIT_NPROC": "-u",
}
"""How a shell calls the limits."""


@cache
def missing() -> dict[str, str]:
    """The protections that do not work on this machine, each with the reason; each is tried in a
    process.

    Raises:
        NoProtection: not even a program without protection can be run.
    """
    _try([])
    found = {}
    for name in PROTECTIONS:
        try:
            if name == "landlock" and not landlock_version():
                raise NoProtection("the kernel has none; Linux 5.13 does")
            _try([name])
        except (NoProtection, OSError, ImportError) as error:
            found[name] = str(error)
    return found


def _try(names: list[str]) -> None:
    result = run_confined("", "", Limits(), names)
    if not result.passed:
        raise NoProtection(f"an empty program is not run: {result.reason}")


def protections() -> tuple[str, ...]:
    """Which of `PROTECTIONS` work on this machine.

    >>> set(protections()) <= set(PROTECTIONS)
    True
    """
    return tuple(name for name in PROTECTIONS if name not in missing())


def require_protection(allow_none: bool = False) -> str:
    """The protections under which programs will run, in words.

    Args:
        allow_none: for trusted programs, such as a benchmark's own.

    >>> require_protection(allow_none=True).endswith("; limits")
    True

    Raises:
        NoProtection: one is missing although neither `allow_none` nor `RUN_WITHOUT` permits it, or
            the limits of the shell leave a program less than it is promised.
        ValueError: `RUN_WITHOUT` names something that is not a protection.
    """
    require_room(Limits())
    allowed = PROTECTIONS if allow_none else may_be_missing()
    lacking = missing()
    if not set(lacking) <= set(allowed):
        because = "; ".join(f"{name}: {why}" for name, why in lacking.items())
        raise NoProtection(
            f"programs of unknown authors would run without {' and '.join(lacking)} here "
            f"({because}): use a newer Linux with libseccomp, outside of a container that forbids "
            f"it, or, only where nothing can be lost, set {RUN_WITHOUT}={','.join(lacking)}"
        )
    return described(landlock_version(), lacking)


def described(version: int, lacking: dict[str, str]) -> str:
    """The defences that stand, what each keeps out, and those that don't.

    Args:
        version: of Landlock.
        lacking: the protections that are missing.

    >>> described(1, {"seccomp": "none here", "identity": "", "namespaces": ""})
    "landlock 1 (reads only Python's own files, writes none, but can empty what it reads); WITHOUT \
seccomp, identity, namespaces; limits"
    """
    words = {name: what for name, what in KEEPS_OUT.items() if name not in lacking}
    named = []
    for name, what in words.items():
        if name == "landlock":
            name = f"landlock {version}"
            # Before Linux 6.2, Landlock did not know of truncation.
            what += ", but can empty what it reads" if version < 3 and "seccomp" in lacking else ""
        named.append(f"{name} ({what})")
    without = [f"WITHOUT {', '.join(lacking)}"] if lacking else []
    return "; ".join([*named, *without, "limits"])


def require_room(limits: Limits) -> None:
    """Check that this process may give a program what it is promised: a program that fails for
    want of memory would count as wrong.

    >>> require_room(Limits())

    Raises:
        NoProtection: the message names the limit as a shell does.
    """
    promised = limits.rlimits | {"RLIMIT_NPROC": (limits.processes, limits.processes)}
    for name, option in ULIMITS.items():
        hard = resource.getrlimit(getattr(resource, name))[1]
        needed = promised[name][1]
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise NoProtection(
                f"this shell's own limit, `ulimit {option}`, leaves a program {hard:,} of the "
                f"{needed:,} that it is promised ({name}): raise it, the kernel lacks nothing"
            )


def may_be_missing() -> list[str]:
    """The protections that `RUN_WITHOUT` names.

    Raises:
        ValueError: it names something else.
    """
    named = os.environ.get(RUN_WITHOUT, "").replace(",", " ").split()
    unknown = [name for name in named if name not in PROTECTIONS]
    if unknown:
        raise ValueError(
            f"{RUN_WITHOUT} names {', '.join(unknown)}; allowed: {', '.join(PROTECTIONS)}"
        )
    return named
