"""Lossless conversion between our GPT-2 and that of transformers."""

from torch import Tensor
from transformers import GPT2Config as TheirConfig
from transformers import GPT2LMHeadModel

from instrdiv.models.gpt2 import GPT2

_NAMES = {
    "token_embedding": "transformer.wte",
    "position_embedding": "transformer.wpe",
    "norm": "transformer.ln_f",
}
_BLOCK_NAMES = {
    "norm_1": "ln_1",
    "attention.qkv": "attn.c_attn",
    "attention.proj": "attn.c_proj",
    "norm_2": "ln_2",
    "up": "mlp.c_fc",
    "down": "mlp.c_proj",
}


def to_transformers(model: GPT2) -> GPT2LMHeadModel:
    """The same model as ``transformers.GPT2LMHeadModel``, to generate with, save or share.

    >>> from instrdiv.models.gpt2 import GPT2Config
    >>> ours = GPT2(GPT2Config(vocab_size=31, block_size=8, n_layer=2, n_head=2, n_embd=16))
    >>> type(to_transformers(ours)).__name__
    'GPT2LMHeadModel'
    """
    config = model.config
    theirs = GPT2LMHeadModel(
        TheirConfig(
            vocab_size=config.vocab_size,
            n_positions=config.block_size,
            n_embd=config.n_embd,
            n_layer=config.n_layer,
            n_head=config.n_head,
            activation_function=config.activation,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=None,
            eos_token_id=None,
        )
    )
    dtype = next(model.parameters()).dtype
    state = {
        _their_name(name): value.T if _is_transposed(name, value) else value
        for name, value in model.state_dict().items()
    }
    state["lm_head.weight"] = state["transformer.wte.weight"]
    theirs.to(dtype).load_state_dict(state)
    return theirs.eval()


def _their_name(ours: str) -> str:
    module, _, kind = ours.rpartition(".")
    if module in _NAMES:
        return f"{_NAMES[module]}.{kind}"
    _, index, inside = module.split(".", 2)
    return f"transformer.h.{index}.{_BLOCK_NAMES[inside]}.{kind}"


def _is_transposed(name: str, value: Tensor) -> bool:
    """Whether ``Conv1D`` of transformers stores the matrix of a linear map transposed."""
    return value.ndim == 2 and "embedding" not in name
