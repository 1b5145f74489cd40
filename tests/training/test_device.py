"""Where a training computes: float32 products stay float32, whichever library makes them."""

import pytest
import torch

from instrdiv.training import device
from instrdiv.training.device import rounding, use_onednn_for_float32


@pytest.fixture(autouse=True)
def precision_put_back():
    before = torch.get_float32_matmul_precision()
    yield
    torch.set_float32_matmul_precision(before)


@pytest.mark.parametrize(
    "shape", [(8, 8, 8), (143, 32, 143), (143, 143, 32), (9152, 128, 512), (128, 9152, 128)]
)
def test_float32_products_are_not_rounded_further(shape):
    use_onednn_for_float32()
    assert rounding(shape) < 1e-5


def test_a_library_that_rounds_is_given_up(monkeypatch):
    torch.set_float32_matmul_precision("highest")
    monkeypatch.setattr(device, "rounding", lambda shape: 2e-3)
    assert not use_onednn_for_float32()
    assert torch.get_float32_matmul_precision() == "highest"


def test_other_processors_are_left_as_they_are(monkeypatch):
    torch.set_float32_matmul_precision("highest")
    monkeypatch.setattr(device, "_made_by_amd", lambda: False)
    assert not use_onednn_for_float32()
    assert torch.get_float32_matmul_precision() == "highest"
