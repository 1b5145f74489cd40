"""Where a model is trained, and in which precision."""

import ctypes
import mmap
import os
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from instrdiv.training.config import PRECISIONS


@dataclass(frozen=True)
class Machine:
    """A device and the precision of its matrix products."""

    device: str
    precision: str

    @property
    def weights(self) -> torch.dtype:
        """The type of frozen weights."""
        return torch.float32 if self.precision == "float32" else torch.bfloat16

    def autocast(self) -> AbstractContextManager[Any]:
        """The context for matrix products; in full precision it does nothing."""
        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device, dtype=torch.bfloat16)


PRECISION = "INSTRDIV_PRECISION"
"""Environment variable that says what ``auto`` means, for tests of both precisions."""


def machine_for(precision: str = "auto") -> Machine:
    """A GPU if there is one, else the processor, with the given precision.

    A processor without bfloat16 instructions emulates them several times slower than float32.

    >>> machine_for("float32").precision
    'float32'

    Raises:
        ValueError: the precision, or the one in the environment, is not one of `PRECISIONS`.
    """
    wanted = os.environ.get(PRECISION, "auto") if precision == "auto" else precision
    if wanted not in PRECISIONS:
        where = PRECISION if precision == "auto" else "precision"
        raise ValueError(f"{where}={wanted!r}; allowed: {', '.join(PRECISIONS)}")
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "auto":
        wanted = "bfloat16" if _has_bfloat16(device) else "float32"
    return Machine(device, wanted)


def prepare_process() -> None:
    """Prepare this process for training: threads, memory, and the library for matrix products."""
    use_threads()
    keep_freed_memory()
    use_onednn_for_float32()


MALLOPT = {-3: 2**25, -1: 2**31 - 1, -2: 2**28}
"""glibc's M_MMAP_THRESHOLD, M_TRIM_THRESHOLD and M_TOP_PAD, in bytes."""

HUGEPAGES = 14
"""Linux's MADV_HUGEPAGE."""


def keep_freed_memory() -> None:
    """Let glibc keep freed memory for the next allocation instead of returning it.

    Each step allocates and frees the same tens of buffers of some megabytes. By default they go
    back to the system and return as empty pages, which took a tenth of a training step. The
    allocators of other systems are left as they are.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        for option, value in MALLOPT.items():
            libc.mallopt(option, value)
        _ask_for_huge_pages(libc)


def _ask_for_huge_pages(libc: ctypes.CDLL, pieces: int = 64, size: int = 2**24) -> None:
    """Let glibc allocate from pages of 2 MB where Linux has them.

    Looking up the addresses of small pages took another twentieth of a step. One GB of addresses is
    allocated, marked and freed again, without touching the memory behind it.
    """
    libc.malloc.argtypes, libc.malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
    libc.free.argtypes = [ctypes.c_void_p]
    libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    taken = [block for block in (libc.malloc(size) for _ in range(pieces)) if block]
    if taken:
        start = -(-min(taken) // mmap.PAGESIZE) * mmap.PAGESIZE
        length = max(taken) + size - start
        if length <= pieces * (size + mmap.PAGESIZE):  # adjacent, with no other memory between them
            libc.madvise(start, length // mmap.PAGESIZE * mmap.PAGESIZE, HUGEPAGES)
    for block in taken:
        libc.free(block)


def use_threads() -> int:
    """Let PyTorch use as many threads as ``OMP_NUM_THREADS`` says, else one.

    PyTorch's default is all cores. For models as small as the book's this is no faster on an idle
    machine, and three times slower on a busy one.
    """
    asked = os.environ.get("OMP_NUM_THREADS", "")
    threads = int(asked) if asked.isdigit() and int(asked) else 1
    torch.set_num_threads(threads)
    return threads


def use_onednn_for_float32() -> bool:
    """Let oneDNN compute float32 products where MKL is slow; return whether it does.

    MKL uses half the width of an AMD processor's registers, and PyTorch passes float32 products to
    oneDNN only if it may round them to bfloat16. Without matrix tiles (AMX) oneDNN makes no use of
    that permission and computes in full float32, in half of MKL's time. The permission is given
    nowhere else, and withdrawn if a product turns out to be rounded.

    >>> before = torch.get_float32_matmul_precision()
    >>> use_onednn_for_float32() == (torch.get_float32_matmul_precision() == "medium")
    True
    >>> torch.set_float32_matmul_precision(before)
    """
    # A GPU would make use of the permission.
    if not _made_by_amd() or torch.cpu._is_amx_tile_supported() or torch.cuda.is_available():
        return False
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    if all(rounding(shape) < 1e-5 for shape in ((256, 128, 384), (128, 2048, 512))):
        return True
    torch.set_float32_matmul_precision(before)
    return False


def rounding(shape: tuple[int, int, int]) -> float:
    """The relative error of a float32 product of these sizes.

    It is about 1e-7 in float32 and 2e-3 where the factors were rounded to bfloat16.

    >>> rounding((64, 64, 64)) < 1e-5
    True
    """
    rows, inner, columns = shape
    draws = torch.Generator().manual_seed(0)
    a = torch.randn(rows, inner, generator=draws)
    b = torch.randn(inner, columns, generator=draws)
    exact = a.double() @ b.double()
    return float(((a @ b).double() - exact).norm() / exact.norm())


def _made_by_amd() -> bool:
    try:
        return "AuthenticAMD" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False


def _has_bfloat16(device: str) -> bool:
    if device == "cuda":
        return torch.cuda.get_device_capability() >= (8, 0)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
