"""Hostile programs and the world around them: what they must leave as it was.

Run as a script by an ordinary user, it reads a bank of programs as JSON and writes what went wrong.
"""

import contextlib
import ctypes
import json
import os
import re
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pyseccomp

from instrdiv.codeexec import process
from instrdiv.codeexec.sandbox import Limits, run_program

QUICK = Limits(wall_seconds=2.0, cpu_seconds=1, memory_bytes=400_000_000)
BOUNDED = 30.0
"""Seconds after its time limit within which any program has ended, even on a busy machine."""
TESTS = "assert answer() == 42"
RIGHT = "def answer(): return 42\n"
KEY, NAME = 0x5E1F, "instrdiv-attack"

PRELUDE = """
import ctypes, fcntl, os, signal, socket, struct, subprocess, sys, time
X86 = os.uname().machine == "x86_64"
libc = ctypes.CDLL(None, use_errno=True)
def must(answer):
    if answer < 0:
        raise OSError(ctypes.get_errno(), "it failed")
    return answer
def call(name, *given):
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in given]
    return must(libc.syscall(ctypes.c_long(NUMBERS[name]), *wide))
"""
NEW = {
    "fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "file_setattr": 469,
    "cachestat": 451, "listmount": 458, "lsm_list_modules": 461, "getxattrat": 464,
    "listxattrat": 465, "file_getattr": 468,
}  # fmt: skip
"""Calls that libseccomp may not know yet; their numbers are the same on every processor."""


class World:
    """Files, processes, objects and sockets that a program can reach if nothing keeps it from it.

    Everybody may change them, so that only the sandbox protects them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "folder"
        self.folder.mkdir()
        self.outside = self.folder / "precious.txt"
        self.scratch = self.folder / "readable.txt"
        for file in (self.outside, self.scratch):
            file.write_text("precious", encoding="utf-8")
            file.chmod(0o666)
        with contextlib.suppress(OSError):  # where the file system has no attributes
            os.setxattr(self.outside, "user.kept", b"1")
        self.folder.chmod(0o777)
        self.listening = [socket.socket() for _ in range(2)]
        self.port = self._bound(self.listening[0], ("127.0.0.1", 0))[1]
        self.datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._bound(self.datagram, ("127.0.0.1", self.port))
        self.neighbour = str(folder / "n")
        self.neighbours = [socket.socket(socket.AF_UNIX) for _ in range(2)]
        self._bound(self.neighbours[0], self.neighbour)
        self._bound(self.neighbours[1], "\0" + self.neighbour)
        self.letters = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._bound(self.letters, self.neighbour + "d")
        for path in (self.neighbour, self.neighbour + "d"):
            os.chmod(path, 0o777)
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.shmat.restype = ctypes.c_void_p
        self.shared = self.libc.shmget(0, 4096, 0o1666)
        self.memory = self.libc.shmat(self.shared, None, 0)
        self.victim = subprocess.Popen(["/bin/sleep", "100000"])
        self.before = self.seen()

    @staticmethod
    def _bound(server, address):
        server.bind(address)
        if server.type == socket.SOCK_STREAM:
            server.listen()
        server.setblocking(False)
        return server.getsockname()

    def prelude(self, code: str) -> str:
        """What stands before a program."""
        names = set(re.findall(r'call\("(\w+)"', code))
        numbers = {n: pyseccomp.resolve_syscall(pyseccomp.system_arch(), n) for n in names}
        numbers = {n: NEW.get(n, -1) if v < 0 else v for n, v in numbers.items()}
        known = {
            "OUTSIDE": str(self.outside), "FOLDER": str(self.folder), "SCRATCH": str(self.scratch),
            "VICTIM": self.victim.pid, "HARNESS": os.getpid(), "PORT": self.port,
            "NEIGHBOUR": self.neighbour, "SHARED": self.shared, "KEY": KEY, "NAME": NAME,
            "NUMBERS": {name: value for name, value in numbers.items() if value >= 0},
        }  # fmt: skip
        return PRELUDE + "".join(f"{name} = {value!r}\n" for name, value in known.items())

    def seen(self) -> dict[str, object]:
        """All that a program could have changed."""
        found = {}
        for path in (self.outside, self.scratch, self.folder):
            about = path.stat()
            found |= {
                f"{path.name} {what}": value
                for what, value in {
                    "mode": stat.filemode(about.st_mode), "owner": (about.st_uid, about.st_gid),
                    "time": about.st_mtime_ns, "links": about.st_nlink, "size": about.st_size,
                    "attributes": os.listxattr(path),
                }.items()
            }  # fmt: skip
        for path in (self.outside, self.scratch):
            found[f"{path.name} content"] = path.read_bytes()
        found["names"] = sorted(os.listdir(self.folder))
        left = [place for place in ("/tmp", "/dev/shm") for name in os.listdir(place)
                if name.lstrip(".").removeprefix("sem.") == NAME]  # fmt: skip
        found["left lying about"] = left
        for name, pid in (("victim", self.victim.pid), ("harness", os.getpid())):
            found[f"{name} priority"] = os.getpriority(os.PRIO_PROCESS, pid)
            found[f"{name} processors"] = os.sched_getaffinity(pid)
            found[f"{name} scheduler"] = os.sched_getscheduler(pid)
            found[f"{name} disk"] = self.libc.syscall(_number("ioprio_get"), 1, pid)
            found[f"{name} limits"] = Path(f"/proc/{pid}/limits").read_text(encoding="utf-8")
            found[f"{name} group"] = os.getpgid(pid)
        about = Path(f"/proc/{self.victim.pid}/stat").read_text(encoding="utf-8")
        state = about.rpartition(")")[2].split()[0]
        found["victim lives"] = "yes" if state in "RSD" else state
        found["host"] = tuple(os.uname())[1]
        for kind in ("msg", "sem", "shm"):
            rows = Path(f"/proc/sysvipc/{kind}").read_text(encoding="utf-8").splitlines()[1:]
            found[f"{kind} left"] = [row for row in rows if int(row.split()[0]) == KEY]
        found["shared memory"] = ctypes.string_at(self.memory, 8)
        rows = Path("/proc/sysvipc/shm").read_text(encoding="utf-8").splitlines()[1:]
        found["shared mode"] = [r.split()[2] for r in rows if int(r.split()[1]) == self.shared]
        for server in (self.listening[0], *self.neighbours):
            with contextlib.suppress(BlockingIOError):
                server.accept()
                found["connected"] = True
        for server in (self.datagram, self.letters):
            with contextlib.suppress(BlockingIOError):
                server.recv(100)
                found["received"] = True
        return found

    def changes(self) -> list[str]:
        """What is not as it was; from now on that is how it was."""
        before, self.before = self.before, self.seen()
        names = before.keys() | self.before.keys()
        return [name for name in sorted(names) if before.get(name) != self.before.get(name)]

    def close(self) -> None:
        """Leave nothing behind."""
        self.victim.kill()
        self.victim.wait()
        self.libc.shmctl(self.shared, 0, None)
        for server in (*self.listening, self.datagram, *self.neighbours, self.letters):
            server.close()


@contextlib.contextmanager
def open_folder():
    """A folder that others may enter, so that only the sandbox keeps a program out of it. Those of
    pytest are closed again whenever another pytest starts."""
    with tempfile.TemporaryDirectory(prefix="open-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def attempt(bank: dict[str, str], answer: str = RIGHT) -> dict[str, str]:
    """Run each program of a bank; what it achieved, by its name.

    Args:
        answer: what stands after a program, and is reached only if nothing stopped it.
    """
    achieved = {}
    with open_folder() as folder:
        world = World(folder)
        readable = process._readable()
        process._readable = lambda: [*readable, str(world.scratch)]  # as if it were Python's own
        try:
            for name, code in bank.items():
                result = run_program(f"{world.prelude(code)}{code}\n{answer}", TESTS, QUICK)
                done = [*(["passed"] if result.passed else []), *world.changes()]
                if result.seconds > QUICK.wall_seconds + BOUNDED:
                    done.append(f"took {result.seconds:.1f} s")
                if done:
                    achieved[name] = ", ".join(done)
            if not run_program(RIGHT, TESTS).passed:
                achieved["all together"] = "a right program fails"
        finally:
            process._readable = lambda: readable
            world.close()
    return achieved


def _number(name: str) -> int:
    return pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)


if __name__ == "__main__":
    print(json.dumps([attempt(bank, answer) for bank, answer in json.load(sys.stdin)]))
