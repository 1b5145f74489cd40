"""Two small trained models that the book ships, to be looked into and tried out.

They are runs of experiment 1 whose weights were kept: one saw too few different rules, the other
more than enough. ``python -m instrdiv exhibits`` trains them anew.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from instrdiv.experiments import rule_diversity
from instrdiv.experiments.symbolic import SymbolicConfig, until_end
from instrdiv.models.gpt2 import GPT2, GPT2Config
from instrdiv.models.hub import to_transformers
from instrdiv.paths import project_root
from instrdiv.runs.provenance import provenance
from instrdiv.tasks.alphabet import LETTERS, encode
from instrdiv.training.device import machine_for
from instrdiv.training.evaluation import greedy_outputs

NUM_RULES = (100, 10_000)
"""Rules in training of the failing and of the succeeding model."""


@dataclass(frozen=True)
class Exhibit:
    """A trained model and what it was trained on."""

    model: GPT2
    config: SymbolicConfig
    metrics: dict[str, dict[str, int]]
    """The scores that it had when it was kept."""


def folder() -> Path:
    """Where the shipped models lie."""
    return project_root() / "book" / "models"


def make_exhibit(num_rules: int, into: Path, **changes: Any) -> Path:
    """Train a model and keep its weights, in the format of safetensors.

    Args:
        changes: settings that differ from the laptop preset with Muon.
    """
    config = rule_diversity.configure("laptop", optimizer="muon", num_rules=num_rules, **changes)
    model, outcome = rule_diversity.run(config)
    into.mkdir(parents=True, exist_ok=True)
    path = into / f"rules-{num_rules}.safetensors"
    about = {
        "sizes": asdict(model.config),
        "config": asdict(config),
        "metrics": {name: score._asdict() for name, score in outcome.metrics.items()},
        "provenance": provenance(machine_for(), wall_seconds=0.0, cpu_seconds=0.0),
    }
    weights = {
        name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()
    }
    save_file(weights, path, metadata={"about": json.dumps(about)})
    return path


def load_exhibit(num_rules: int, where: Path | None = None) -> Exhibit:
    """The shipped model that was trained on so many rules.

    Raises:
        FileNotFoundError: there is none.
    """
    path = (where or folder()) / f"rules-{num_rules}.safetensors"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: `python -m instrdiv exhibits` trains it anew")
    with safe_open(path, framework="pt") as file:
        about = json.loads(file.metadata()["about"])
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    model = GPT2(GPT2Config(**about["sizes"]))
    model.load_state_dict(weights)
    return Exhibit(model.eval(), SymbolicConfig(**about["config"]), about["metrics"])


def split_rule(rule: str) -> tuple[str, str]:
    """The two sides of a rule as it is written.

    >>> split_rule("ab>cde")
    ('ab', 'cde')

    Raises:
        ValueError: it is no rule.
    """
    x, arrow, y = rule.partition(">")
    if not (arrow and x and set(x + y) <= set(LETTERS)):
        raise ValueError(f"rule {rule!r}: letters a–z, then >, then letters, such as ab>cde")
    return x, y


def fits(exhibit: Exhibit, x: str, y: str, z: str) -> bool:
    """Whether a rule and an input are as long as those that a model was trained on."""
    config = exhibit.config
    return (len(x), len(y), len(z)) == (config.x_length, config.y_length, config.z_length)


def written(exhibit: Exhibit, x: str, y: str, z: str) -> str:
    """What a model answers.

    Raises:
        ValueError: rule and input are not as long as those that it was trained on.
    """
    if not fits(exhibit, x, y, z):
        config = exhibit.config
        raise ValueError(
            f"{x}>{y} on {z}: these models know |x| = {config.x_length}, |y| = {config.y_length}, "
            f"|z| = {config.z_length} alone"
        )
    prompt = torch.from_numpy(encode(f"{x}>{y}:{z}=")).long()[None]
    return until_end(greedy_outputs(exhibit.model, prompt, len(z) - len(x) + len(y) + 1)[0].numpy())


def attention(exhibit: Exhibit, x: str, y: str, z: str) -> pd.DataFrame:
    """Where a model looks while it writes the right output, letter by letter.

    Returns:
        A row for each head, letter to write and character before it: ``layer``, ``head``,
        ``step`` and ``writes``, ``place`` and ``reads``, ``weight``, and ``source``: whether this
        is the very letter that must be copied.
    """
    start = z.find(x)
    if start < 0:
        raise ValueError(f"{x} does not occur in {z}: nothing is rewritten")
    output = z[:start] + y + z[start + len(x) :]
    prompt = f"{x}>{y}:{z}="
    tokens = torch.from_numpy(encode(prompt + output)).long()[None]
    theirs = to_transformers(exhibit.model)
    theirs.set_attn_implementation("eager")
    with torch.inference_mode():
        layers = theirs(tokens, output_attentions=True).attentions
    z_at, y_at = prompt.index(":") + 1, len(x) + 1
    rows = []
    for step, letter in enumerate(output):
        if step < start:
            source = z_at + step
        elif step < start + len(y):
            source = y_at + step - start
        else:
            source = z_at + step - len(y) + len(x)
        at = len(prompt) - 1 + step  # the position whose prediction is this letter
        for layer, weights in enumerate(layers, start=1):
            for head in range(weights.shape[1]):
                for place in range(at + 1):
                    rows.append(
                        {
                            "layer": layer,
                            "head": head + 1,
                            "step": step,
                            "writes": letter,
                            "place": place,
                            "reads": (prompt + output)[place],
                            "weight": weights[0, head, at, place].item(),
                            "source": place == source,
                        }
                    )
    return pd.DataFrame(rows)


def on_source(looks: pd.DataFrame) -> pd.DataFrame:
    """The mean weight that each head puts on the letter that must be copied, highest first.

    Returns:
        Columns ``layer``, ``head``, ``weight``.
    """
    found = looks[looks.source].groupby(["layer", "head"], as_index=False).weight.mean()
    return found.sort_values("weight", ascending=False, ignore_index=True)
