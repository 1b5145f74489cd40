"""Run unreviewed programs, such as a model's, against their tests in a sandbox.

A program and its tests run in two processes. That of the program gives up all rights before it
sees a program: it reads only Python's own files, writes none, and makes only system calls of a
list. It knows nothing of the tests, which call it from the other process and compare plain values
there, so that it can neither read what is expected nor say that it passed. Both end with the
process that started them.

What stands on this machine, and what may be missing: see `instrdiv.codeexec.protection`. What each
defence keeps out, and what none does: see the book's page on its threat model.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from instrdiv.codeexec.process import Limits, NoProtection, Result, Verdict, run_confined
from instrdiv.codeexec.protection import protections, require_protection, require_room

__all__ = [
    "Limits", "NoProtection", "Result", "Verdict", "require_protection", "run_program",
    "run_programs",
]  # fmt: skip


def run_program(
    program: str, tests: str, limits: Limits | None = None, *, allow_none: bool = False
) -> Result:
    """Run one program and its tests, and report whether they ran to their end.

    Args:
        tests: a program that raises an error unless the functions of `program`, which it calls,
            are right. Plain values cross between the two as copies, see
            `instrdiv.codeexec.guest.wire`.
        allow_none: for trusted programs, such as a benchmark's own.

    Raises:
        NoProtection: see `instrdiv.codeexec.protection.require_protection`.

    >>> run_program("def double(n): return 2 * n", "assert double(4) == 8").passed
    True
    >>> run_program("def double(n): return n", "assert double(4) == 8").reason
    'tests: AssertionError'
    """
    limits = limits or Limits()
    require_protection(allow_none)
    require_room(limits)
    return run_confined(program, tests, limits, protections())


def run_programs(
    jobs: Sequence[tuple[str, str]],
    limits: Limits | None = None,
    *,
    workers: int = 2,
    allow_none: bool = False,
) -> list[Result]:
    """`run_program` for many pairs of a program and its tests, in their order."""
    with ThreadPoolExecutor(workers) as pool:
        return list(
            pool.map(lambda job: run_program(job[0], job[1], limits, allow_none=allow_none), jobs)
        )
