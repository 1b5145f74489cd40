"""Where a model is trained, and in which precision."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Machine:
    """A device and the precision of its matrix products."""

    device: str
    precision: str

    @property
    def weights(self) -> torch.dtype:
        """What frozen weights are kept in."""
        return torch.float32 if self.precision == "float32" else torch.bfloat16

    def autocast(self) -> AbstractContextManager:
        """The context that products run in; nothing in full precision."""
        if self.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device, dtype=torch.bfloat16)


def best_machine() -> Machine:
    """A GPU if there is one, else the processor; bfloat16 only where it is native.

    A processor without bfloat16 instructions emulates them several times slower than float32.
    """
    if torch.cuda.is_available():
        native = torch.cuda.get_device_capability() >= (8, 0)
        return Machine("cuda", "bfloat16" if native else "float32")
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return Machine("cpu", "bfloat16" if native else "float32")
