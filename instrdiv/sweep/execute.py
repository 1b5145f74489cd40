"""Execute a notebook for one grid point with papermill."""

import functools
import os
import sys
import tempfile
import uuid
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager

from instrdiv.environment import environment_variable
from instrdiv.sweep.guard import bound
from instrdiv.training.progress import WATCHED_TERMINAL
from instrdiv.whole_files import replacing


class LocalKernelManager(AsyncKernelManager):
    """Connects to its kernel by local sockets where they exist, so that kernels started at the same
    time do not race for a port and nothing goes over a network. The kernel dies with it."""

    transport = "tcp" if os.name == "nt" else "ipc"
    shutdown_wait_time = 1.0
    """Seconds; one that trains does not listen, and its notebook needs nothing of its end."""

    shut_down = False
    """Whether the notebook at work had its kernel ended; before its last cell only Ctrl-C asks."""

    async def _async_shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        LocalKernelManager.shut_down = True
        await super()._async_shutdown_kernel(now, restart)

    shutdown_kernel = _async_shutdown_kernel

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        return bound(super().format_kernel_cmd(extra_arguments), os.getpid())

    def _ip_default(self) -> str:
        """The path of the sockets. The default is one name in the current folder for all kernels,
        which two that start at the same time would share."""
        if self.transport == "tcp":
            return super()._ip_default()
        return os.path.join(tempfile.gettempdir(), f"kernel-{uuid.uuid4().hex[:16]}")


class NotebookFailed(RuntimeError):
    """A cell of a notebook raised an error, or its kernel died.

    Args:
        reason: the complete error message, which begins with the name of the error's class.
        tail: the end of its traceback, if it has one.
        error: the name of the error's class; ``DeadKernel`` if the kernel died.
    """

    def __init__(self, notebook: str, reason: str, tail: str = "", error: str = "") -> None:
        super().__init__(f"{notebook} failed: {reason.strip()}")
        self.reason, self.tail, self.error = reason, tail or reason, error


def notebook_parameters(notebook: Path) -> list[str]:
    """The names that a notebook's cell tagged ``parameters`` assigns.

    Raises:
        ValueError: there is no such cell, so papermill would ignore all parameters.
    """
    import ast

    for cell in nbformat.read(notebook, as_version=4).cells:
        if "parameters" in cell.metadata.get("tags", []):
            return [
                target.id
                for statement in ast.parse(cell.source).body
                if isinstance(statement, ast.Assign)
                for target in statement.targets
                if isinstance(target, ast.Name)
            ]
    raise ValueError(f"{notebook} has no cell tagged 'parameters'")


def execute(
    notebook: Path, parameters: dict[str, Any], output: Path, *, progress_bar: bool = False
) -> Path:
    """Execute a notebook and save it with its outputs; a failed one is saved as ``.failed``.

    Args:
        parameters: JSON types only, each with a line in the notebook's parameter cell.
        progress_bar: show papermill's bar over cells; for training see `show_training_progress`.

    Raises:
        ValueError: the notebook does not have a parameter.
        NotebookFailed: a cell raised an error, or the kernel died.
        KeyboardInterrupt: it was interrupted, and its kernel is ended.
        RuntimeError: there is no Jupyter kernel to run it.
    """
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import DeadKernelError

    known = notebook_parameters(notebook) if parameters else []
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise ValueError(
            f"{notebook.name} has no parameter {unknown[0]!r}; it has {', '.join(known)}"
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    LocalKernelManager.shut_down = False  # the notebook before ended its own
    failed = output.with_suffix(".failed.ipynb")
    in_memory = _InMemory.registered()
    place = f"{_InMemory.SCHEME}{uuid.uuid4().hex}/{output.name}"
    try:
        papermill.execute_notebook(
            notebook,
            place,
            parameters=parameters,
            kernel_name="python3",
            cwd=notebook.parent,
            progress_bar=progress_bar,
            start_timeout=300,
            kernel_manager_class="instrdiv.sweep.execute.LocalKernelManager",
            # Kernels are interrupted at shutdown, and one that has not quite finished its last
            # cell would print an error; errors of cells are reported separately.
            extra_arguments=["--log-level=CRITICAL"],
        )
    except NoSuchKernel as error:
        raise RuntimeError(
            f"no Jupyter kernel 'python3' for {sys.executable}: install ipykernel "
            "(`make book` and `make lab` do)"
        ) from error
    except papermill.PapermillExecutionError as error:
        if error.ename == "KeyboardInterrupt":  # Ctrl-C, of which the kernel heard first
            raise KeyboardInterrupt from None
        in_memory.move(place, failed)
        reason = f"{error.ename}: {error.evalue}"
        tail = "\n".join([*error.traceback[-8:], reason])
        raise NotebookFailed(notebook.stem, reason, tail, error.ename) from None
    except DeadKernelError:
        if LocalKernelManager.shut_down:
            raise KeyboardInterrupt from None
        raise NotebookFailed(
            notebook.stem,
            "its kernel died: it was killed, or there was too little memory",
            error="DeadKernel",
        ) from None
    else:
        in_memory.move(place, output)
    finally:
        in_memory.forget(place)
    failed.unlink(missing_ok=True)
    return output


class _InMemory:
    """Where papermill saves a notebook after each of its cells: on no disk, so that a process that
    is killed leaves nothing half-done anywhere."""

    SCHEME = "memory:/"

    def __init__(self) -> None:
        self._saved: dict[str, str] = {}

    @classmethod
    @functools.cache
    def registered(cls) -> "_InMemory":
        """The one that papermill knows."""
        from papermill.iorw import papermill_io

        papermill_io.register(cls.SCHEME, made := cls())
        return made

    def write(self, content: str, path: str) -> None:
        self._saved[path] = content

    def pretty_path(self, path: str) -> str:
        return path

    def move(self, path: str, file: Path) -> None:
        with replacing(file) as unfinished:
            unfinished.write_text(self._saved[path], encoding="utf-8")

    def forget(self, path: str) -> None:
        self._saved.pop(path, None)


def show_training_progress() -> AbstractContextManager[None]:
    """Within this context, training in executed notebooks shows its progress on this terminal."""
    try:
        terminal = os.ttyname(sys.stderr.fileno())
    except (OSError, ValueError):  # not a terminal, such as a log
        terminal = ""
    return environment_variable(WATCHED_TERMINAL, terminal)
