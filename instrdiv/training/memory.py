"""How much memory tuning a model needs, found out without allocating it.

The model is built on PyTorch's *meta* device, where tensors have shapes but no content, and makes
one step there; what autograd saves for the backward pass is counted as it is saved.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    LlamaConfig,
    PreTrainedConfig,
    Qwen2Config,
)

from instrdiv.checks import first_line
from instrdiv.data.assets import MODELS, TINY
from instrdiv.data.fetch import AssetError, require
from instrdiv.models.chat_model import SplitDecoder, tiny_model, unfreeze
from instrdiv.training.config import TuningConfig
from instrdiv.training.device import machine_for
from instrdiv.training.lora import with_adapters

_SEVEN_BILLION = dict(hidden_size=4096, num_hidden_layers=32, num_attention_heads=32)
SHAPES: dict[str, PreTrainedConfig] = {
    "meta-llama/Llama-2-7b-hf": LlamaConfig(
        vocab_size=32_000, intermediate_size=11_008, **_SEVEN_BILLION
    ),
    "deepseek-ai/deepseek-coder-6.7b-base": LlamaConfig(
        vocab_size=32_256, intermediate_size=11_008, **_SEVEN_BILLION
    ),
    "Qwen/CodeQwen1.5-7B": Qwen2Config(
        vocab_size=92_416, intermediate_size=13_440, num_key_value_heads=4, **_SEVEN_BILLION
    ),
}
"""The paper's models, so that planning a run needs no access to the hub."""


@dataclass(frozen=True)
class Memory:
    """Peak memory of tuning, in bytes.

    Attributes:
        weights: of the pretrained model.
        tuned: gradients, the state of the optimiser, and the weights of adapters.
        activations: what the backward pass of one step needs.
    """

    weights: int
    tuned: int
    activations: int

    @property
    def total(self) -> int:
        """All of it; Python and its libraries need about half a gigabyte more."""
        return self.weights + self.tuned + self.activations

    def __str__(self) -> str:
        return (
            f"about {self.total / 1e9:.1f} GB: the model {self.weights / 1e9:.1f}, what is tuned "
            f"{self.tuned / 1e9:.1f}, activations {self.activations / 1e9:.1f}"
        )


def shape_of(name: str) -> PreTrainedConfig:
    """A model's shape: known here, fetched before, or read from the hub.

    Raises:
        AssetError: the model cannot be found.
    """
    if name == TINY:
        return tiny_model().config
    if name in SHAPES:
        return SHAPES[name]
    place = require(MODELS[name]) if name in MODELS else name
    try:
        return AutoConfig.from_pretrained(place, trust_remote_code=False)
    except (OSError, ValueError) as error:
        reason = first_line(error)
        raise AssetError(f"the shape of model {name!r} cannot be determined ({reason})") from None


def memory_of(
    shape: PreTrainedConfig,
    config: TuningConfig,
    *,
    tokens: int,
    answer: int,
    in_8bit: bool = False,
    dtype: torch.dtype = torch.float32,
) -> Memory:
    """The memory for tuning a model of a given shape.

    Args:
        tokens, answer: lengths of a whole sequence and of its answer.
        in_8bit: whether the layers' frozen matrices take one byte per weight.
        dtype: of the other weights, and of most activations.
    """
    layers, lines = config.tuned_layers, config.lines_at_once or config.batch_size
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(shape, dtype=dtype)
        weights = sum(p.nbytes for p in model.parameters())
        if in_8bit:
            matrices = [m.weight for m in model.get_decoder().modules() if isinstance(m, nn.Linear)]
            weights -= sum(m.nbytes - m.numel() for m in matrices)
        if config.tuned == "weights":
            changed, copies = unfreeze(model, layers), 3  # gradient, two moments
        else:
            changed, copies = with_adapters(model, config, seed=0), 4
        state = sum(p.nbytes for p in changed.parameters() if p.requires_grad)
        kept = _kept_by_autograd(SplitDecoder(changed, layers), lines, tokens, answer)
    return Memory(weights, copies * state, kept)


def _kept_by_autograd(model: SplitDecoder, lines: int, tokens: int, answer: int) -> int:
    own = {p.untyped_storage()._cdata for p in model.model.parameters()}
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        place = tensor.untyped_storage()._cdata
        if place not in own:
            kept[place] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        # With an explicit mask; without one transformers would read the positions' values.
        mask = torch.ones(lines, 1, tokens, tokens, dtype=torch.bool)
        hidden = torch.zeros(lines, tokens, model.model.config.hidden_size, dtype=model.model.dtype)
        found = model.upper(inputs_embeds=hidden, attention_mask=mask, use_cache=False)
        answers = found.last_hidden_state[:, -answer:].flatten(0, 1)
        logits = model.model.lm_head(answers).float()
        loss = F.cross_entropy(logits, torch.zeros(lines * answer, dtype=torch.long))
        # The loss is kept until then: an address that is freed could be counted for another tensor.
        total = sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
        del loss
    return total


def tuning_memory(
    name: str, config: TuningConfig, *, tokens: int, answer: int, in_8bit: bool
) -> Memory:
    """The memory that tuning a model needs here.

    Args:
        tokens, answer: lengths of the longest sequence and of its answer.

    Raises:
        AssetError: the model cannot be found.
        ValueError: it has no such layers or modules.
    """
    # Eight bits need a GPU, and one that has them has bfloat16.
    dtype = torch.bfloat16 if in_8bit else machine_for(config.precision).weights
    return memory_of(
        shape_of(name), config, tokens=tokens, answer=answer, in_8bit=in_8bit, dtype=dtype
    )
