"""Train the demo models of the book, which `instrdiv.demo` reads.

They are runs of experiment 1 whose weights are kept, rounded, and scored as they are kept.
"""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from instrdiv.demo.model_file import rounded, unrounded, write_demo_model
from instrdiv.experiments.rule_diversity import experiment
from instrdiv.experiments.symbolic import SymbolicConfig
from instrdiv.statistics.scores import Score

if TYPE_CHECKING:
    from instrdiv.models.gpt2 import GPT2

SETTINGS = dict(optimizer="muon", precision="float32", seed=0)
"""What all demo models set differently from the laptop preset. The precision is named, so that
every machine trains nearly the same models."""


def make_demo_model(num_rules: int, into: Path, **overrides: Any) -> Path:
    """Train a model and save it with its rules, config, scores and provenance.

    Args:
        overrides: settings that differ from the laptop preset with `SETTINGS`.
    """
    from instrdiv.runs.provenance import Provenance
    from instrdiv.training.device import machine_for

    config = experiment.configure("laptop", **{**SETTINGS, "num_rules": num_rules, **overrides})
    provenance = Provenance(machine_for(config.precision))
    model, _ = experiment.run(config)
    return save_demo_model(model, config, into, provenance.of_run())


def save_demo_model(
    model: "GPT2", config: SymbolicConfig, into: Path, provenance: dict[str, Any]
) -> Path:
    """Round a trained model's weights, score it with these, and write its file.

    ``equal_answers`` in the file counts the unseen rules for which rounding leaves every character
    of the model's output as it was.
    """
    import torch

    from instrdiv.evaluation.exact_match import exact_matches
    from instrdiv.experiments.scratch import answer
    from instrdiv.models.gpt2 import GPT2

    stored = rounded({name: value.cpu().numpy() for name, value in model.state_dict().items()})
    kept = GPT2(model.config).eval()
    kept.load_state_dict({k: torch.from_numpy(v) for k, v in unrounded(stored).items()})
    data = experiment.make_data(config)
    found = {name: exact_matches(kept, test) for name, test in data.tests.items()}
    before, after = (answer(each, data.tests["unseen"]) for each in (model, kept))
    equal = sum(one == other for one, other in zip(before, after, strict=True))
    about = {
        "sizes": asdict(model.config),
        "config": asdict(config),
        "metrics": {
            name: Score(int(each.sum()), len(each))._asdict() for name, each in found.items()
        },
        "equal_answers": Score(equal, len(before))._asdict(),
        "provenance": provenance,
    }
    path = into / f"rules-{config.num_rules}.safetensors"
    rules = np.concatenate([data.rules.x, data.rules.y], axis=1)
    write_demo_model(path, stored, rules, about)
    return path
