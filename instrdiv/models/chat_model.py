"""Pretrained decoders, loaded by name or folder and adapted by LoRA (Hu et al., 2022)."""

import copy
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

import torch
from jaxtyping import Float, Int
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from instrdiv.checks import first_line
from instrdiv.data.assets import MODELS, TINY
from instrdiv.data.fetch import AssetError, require

Tokenizer: TypeAlias = PreTrainedTokenizerBase
ChatModel: TypeAlias = PreTrainedModel | PeftModel
"""A causal language model of transformers, with or without adapters of peft."""


def load_model(
    name: str, dtype: torch.dtype = torch.float32, load_in_8bit: bool = False
) -> tuple[PreTrainedModel, Tokenizer]:
    """A causal language model and its tokeniser.

    No code that comes with a model is run, and weights are read from safetensors only.

    Args:
        name: `TINY`; a model of `instrdiv.data.assets`, such as ``SmolLM2-135M-Instruct``; a
            folder; or a name on the hub.

    Raises:
        AssetError: there is no such model, no access to it or no network.
    """
    if name == TINY:
        return tiny_model(), tiny_tokenizer()
    place = require(MODELS[name]) if name in MODELS else name
    options = {}
    if load_in_8bit:
        from transformers import BitsAndBytesConfig

        options["quantization_config"] = BitsAndBytesConfig(load_in_8bit=True)
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
        with _without_progress_bars():
            model = AutoModelForCausalLM.from_pretrained(
                place, dtype=dtype, trust_remote_code=False, use_safetensors=True, **options
            )
    except (OSError, ValueError, ImportError) as error:
        reason = first_line(error)
        raise AssetError(
            f"model {name!r} cannot be loaded ({reason}): name a folder that holds one, or log in "
            "with `hf auth login` if its licence must be accepted first"
        ) from None
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return model.eval(), tokenizer


@contextmanager
def _without_progress_bars() -> Iterator[None]:
    """Loading takes a second, but its progress bar would stay in a notebook forever."""
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def tiny_model() -> LlamaForCausalLM:
    """A Llama with random weights, the same every time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return LlamaForCausalLM(
            LlamaConfig(
                vocab_size=len(tiny_tokenizer()),
                hidden_size=32,
                intermediate_size=64,
                num_hidden_layers=3,
                num_attention_heads=2,
                num_key_value_heads=1,
                initializer_range=0.2,  # with smaller weights a frozen head prefers no token
                bos_token_id=0,
                eos_token_id=1,
                pad_token_id=1,
            )
        ).eval()


def tiny_tokenizer() -> Tokenizer:
    """A tokeniser with one token per character and a chat template."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    marks = ["<start>", "<end>", "<unknown>"]
    characters = ["\n", *map(chr, range(32, 127)), "\t"]
    vocabulary = {token: number for number, token in enumerate([*marks, *characters])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=marks[2]))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokenizer.decoder = decoders.Fuse()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=marks[0],
        eos_token=marks[1],
        pad_token=marks[1],
        unk_token=marks[2],
        chat_template="{% for m in messages %}<start>{{ m.role }} {{ m.content }}<end>{% endfor %}"
        "{% if add_generation_prompt %}<start>assistant {% endif %}",
    )


def adapt(
    model: PreTrainedModel, *, rank: int, alpha: int, modules: Sequence[str], layers: int, seed: int
) -> PeftModel:
    """The model with LoRA adapters in its top layers and everything else frozen.

    Args:
        rank, alpha: of the adapters, whose output is scaled by alpha / rank.
        modules: names of the linear maps that get one, such as ``q_proj``.
        layers: how many layers, from the top; 0 means all.

    Raises:
        ValueError: the model has fewer layers, or no such modules.
    """
    _check_layers(model, layers)
    number = model.config.num_hidden_layers
    missing = [m for m in modules if not any(n.endswith(m) for n, _ in model.named_modules())]
    if missing:
        raise ValueError(f"target_modules: the model has no {missing[0]!r}")
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=rank,
        lora_alpha=alpha,
        target_modules=list(modules),
        layers_to_transform=list(range(number - layers, number)) if layers else None,
    )
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        # peft still uses an old name of transformers; users cannot do anything about it.
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
        torch.manual_seed(seed)
        return get_peft_model(model, config)


def unfreeze(model: PreTrainedModel, layers: int) -> PreTrainedModel:
    """The model with trainable weights in its top layers and everything else frozen.

    Embeddings and head stay frozen, since they are often the same matrix.

    Args:
        layers: how many layers, from the top; 0 means all.

    Raises:
        ValueError: the model has fewer layers.
    """
    _check_layers(model, layers)
    model.requires_grad_(False)
    decoder = model.get_decoder()
    for layer in decoder.layers[-layers:]:  # -0 starts at the first layer
        layer.requires_grad_(True)
    return model


def _check_layers(model: PreTrainedModel, layers: int) -> None:
    number = model.config.num_hidden_layers
    if layers > number:
        raise ValueError(f"tuned_layers={layers}: the model has {number}")


class SplitDecoder:
    """A decoder in two parts: the frozen layers below every adapter, and the layers above.

    The hidden states of the lower part never change while the upper one is tuned, so they are
    computed once and cached. Both parts share their modules with the whole model.

    >>> model, tokenizer = load_model(TINY)
    >>> tokens = torch.tensor([tokenizer("abc").input_ids])
    >>> split = SplitDecoder(model, tuned_layers=1)
    >>> whole = model(tokens).logits
    >>> torch.allclose(split.logits(split.below(tokens)), whole, atol=1e-6)
    True
    """

    def __init__(self, model: ChatModel, tuned_layers: int) -> None:
        self.model = model.get_base_model() if isinstance(model, PeftModel) else model
        decoder = self.model.get_decoder()
        border = len(decoder.layers) - tuned_layers if tuned_layers else 0
        self.lower = _part(decoder, decoder.layers[:border], nn.Identity())
        self.upper = _part(decoder, decoder.layers[border:], decoder.norm)
        self.depth_below = border

    @torch.no_grad()
    def below(self, tokens: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time embd"]:
        """Hidden states of the lower part, for sequences padded on the right."""
        return self.lower(input_ids=tokens, use_cache=False).last_hidden_state

    def logits(
        self,
        hidden: Float[Tensor, "batch time embd"],
        where: tuple[Tensor, Tensor] | None = None,
    ) -> Tensor:
        """Logits after all positions, or only after the given ones (rows, columns).

        The head is the largest matrix of a small model; only positions of the answer need it.
        """
        found = self.upper(inputs_embeds=hidden, use_cache=False).last_hidden_state
        return self.model.lm_head(found if where is None else found[where])


def _part(decoder: nn.Module, layers: nn.ModuleList, norm: nn.Module) -> nn.Module:
    part = copy.copy(decoder)
    part._modules = dict(
        decoder._modules
    )  # a shallow copy would share the dictionary of submodules
    part.layers, part.norm = layers, norm
    return part
