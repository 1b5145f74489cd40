"""Started as ``python -I …/guest/__main__.py FD PARENT``: it confines itself, splits into the
process of the program and that of its tests, and writes one report to the descriptor FD. PARENT is
the process that started it, with which it ends.

What the program may not know, its tests, is read only after the split.
"""

import os
import pickle
import signal
import sys
from typing import Never

root = os.path.abspath(f"{__file__}/../../../..")
sys.path.append(root)
from instrdiv.codeexec.guest import confine, frames, program, tester, wire  # noqa: E402

sys.path.remove(root)


def main() -> None:
    _expect_all_signals()
    report = int(sys.argv[1])
    told, seconds = pickle.loads(frames.read_frame(0))  # by the process that started this one
    restrictions = confine.Restrictions(*told)
    try:
        confine.confine(restrictions)
        if os.getppid() != int(sys.argv[2]):  # it had ended before the kernel was told to watch it
            os._exit(0)
        asked, asks = os.pipe()
        answered, answers = os.pipe()
        child = os.fork()
    except (OSError, ValueError) as error:
        _tell(report, "refused", str(error), "")
    if not child:
        confine.die_with_parent()
        for descriptor in (0, report, asks, answered):
            os.close(descriptor)
        os.open(os.devnull, os.O_RDONLY)  # becomes descriptor 0
        confine.filter_calls(restrictions, os.getpid())
        program.serve(asked, answers)
    os.close(asked)
    os.close(answers)
    link = wire.Link(answered, asks, ("call",), offered=tester.callable_only, compares=True)
    _judge(report, child, restrictions, link, seconds)


def _expect_all_signals() -> None:
    """What a shell or a service ignores or blocks, all that it starts ignores and blocks too."""
    for each in (signal.SIGCHLD, signal.SIGXCPU, signal.SIGALRM):
        signal.signal(each, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _judge(
    report: int, child: int, restrictions: confine.Restrictions, link: wire.Link, seconds: float
) -> Never:
    def end(*found: str) -> Never:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        _tell(report, *found)

    signal.signal(signal.SIGALRM, lambda *_: end("time", "", ""))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    text, tests = pickle.loads(frames.read_frame(0))
    confine.filter_calls(restrictions, child)
    try:
        found = tester.judge(text, tests, link)
    except frames.Garbled:
        found = "ended", "", ""
    except frames.Gone:
        _, status, used = os.wait4(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code < 0 and used.ru_utime + used.ru_stime >= restrictions.limits["RLIMIT_CPU"][0]:
            found = "time", "", ""
        else:
            found = ("died", str(-code), "") if code < 0 else ("ended", "", "")
        _tell(report, *found)
    end(*found)


def _tell(report: int, *found: str) -> Never:
    parts = (" ".join(part.split()) for part in found)  # a name may hold line breaks
    os.write(report, "\n".join(parts).encode(errors="replace"))
    os._exit(0)  # so that no exit handlers run


if __name__ == "__main__":
    main()
