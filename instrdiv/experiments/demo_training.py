"""Train the two demo models of the book, which `instrdiv.publishing.demo_models` reads.

They are runs of experiment 1 whose weights are saved.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from instrdiv.experiments.rule_diversity import experiment


def make_demo_model(num_rules: int, into: Path, **overrides: Any) -> Path:
    """Train a model and save its weights in safetensors format.

    Args:
        overrides: settings that differ from the laptop preset with Muon.
    """
    from safetensors.torch import save_file

    from instrdiv.runs.provenance import Provenance
    from instrdiv.training.device import machine_for

    config = experiment.configure("laptop", optimizer="muon", num_rules=num_rules, **overrides)
    provenance = Provenance(machine_for())
    model, outcome = experiment.run(config)
    into.mkdir(parents=True, exist_ok=True)
    path = into / f"rules-{num_rules}.safetensors"
    about = {
        "sizes": asdict(model.config),
        "config": asdict(config),
        "metrics": {name: score._asdict() for name, score in outcome.metrics.items()},
        "provenance": provenance.of_run(),
    }
    weights = {
        name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()
    }
    save_file(weights, path, metadata={"about": json.dumps(about)})
    return path
