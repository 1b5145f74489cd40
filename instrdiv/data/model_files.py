"""Pretrained models with 4-bit weights from inside a package.

Their weights are dequantised once and saved in a folder that transformers loads.
"""

import tempfile
from functools import partial
from pathlib import Path

from instrdiv.data.fetch import Asset
from instrdiv.data.places import PackagedFile


def packaged_model(name: str, weights: PackagedFile) -> Asset:
    """A model whose GGUF file is inside a package."""
    return Asset(
        name=name,
        sha256=weights.sha256,
        make=partial(_make, weights),
        instead="pass a folder with a model, by `-p model FOLDER`",
    )


def _make(weights: PackagedFile, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder, prefix=".weights-") as apart:
        file = Path(apart) / "weights.gguf"
        weights.fetch(file)
        convert(file, folder)


def convert(weights: Path, folder: Path) -> None:
    """Dequantise a GGUF file and save it in transformers' format, in bfloat16."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source = dict(
        pretrained_model_name_or_path=weights.parent,
        gguf_file=weights.name,
        trust_remote_code=False,
    )
    loaded = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    # A model with a quantisation config cannot be saved, so its weights are copied.
    settings = loaded.config.to_dict()
    settings.pop("quantization_config", None)
    plain = type(loaded)(type(loaded.config)(**settings))
    plain.load_state_dict(loaded.state_dict())
    plain.tie_weights()
    plain.to(torch.bfloat16).save_pretrained(folder)
    AutoTokenizer.from_pretrained(**source).save_pretrained(folder)
