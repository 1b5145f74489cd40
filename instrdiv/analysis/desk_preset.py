"""How the desk preset was chosen: only by training scores, on many rules."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pandas as pd

from instrdiv.runs.record import Record
from instrdiv.statistics.scores import Score

TUNED = {
    "optimizer": "optimiser",
    "muon_learning_rate": "Muon's rate",
    "learning_rate": "AdamW's rate",
    "batch_size": "batch",
    "steps": "steps",
    "warmup_share": "warm-up",
}
"""The settings that were varied, in words."""
OPTIMIZERS = {"muon": "Muon", "adamw": "AdamW"}


def scored_in_training(records: Sequence[Record]) -> list[Record]:
    """The records that tell how well their model learned its training examples: those with a
    training score and a learning curve that has one at each checkpoint."""
    return [
        record
        for record in records
        if "training" in record.metrics
        and record.curve
        and all("training" in checkpoint["scores"] for checkpoint in record.curve)
    ]


def tuning_table(records: Sequence[Record]) -> pd.DataFrame:
    """The trials, one row each, the best first; see `scored_in_training` for what is left out.

    Returns:
        The settings of `TUNED`; ``seed``; ``sequences`` trained on; ``training``, the final score
        on training examples; final ``loss`` in nats per token; ``minutes`` of computing.
    """
    rows = [
        {
            **{name: record.config[name] for name in TUNED},
            "seed": record.config["seed"],
            "sequences": record.config["steps"] * record.config["batch_size"],
            "training": Score(**record.metrics["training"]).share,
            "loss": record.curve[-1]["loss"],
            "minutes": record.provenance["cpu_seconds"] / 60,
        }
        for record in scored_in_training(records)
    ]
    table = pd.DataFrame(rows, columns=[*TUNED, "seed", "sequences", "training", "loss", "minutes"])
    return table.sort_values(["training", "loss"], ascending=[False, True], ignore_index=True)


ENOUGH = 0.98
"""The training score that the rule of the search asks of each seed of the preset."""


def preset_finding(trials: pd.DataFrame, preset: dict[str, Any]) -> str:
    """Whether the preset meets the rule by which it was chosen, seed by seed, as a sentence.

    Args:
        trials: from `tuning_table`.
        preset: its settings, those of `TUNED` among them.
    """
    settings = [name for name in TUNED if name in preset]
    of_preset = trials[(trials[settings] == [preset[name] for name in settings]).all(axis=1)]
    scores = of_preset.set_index("seed").training.sort_index()
    if scores.empty:
        return "No run with the preset is recorded."
    listed = ", ".join(f"{share:.2%} (seed {seed})" for seed, share in scores.items())
    missed = [str(seed) for seed, share in scores.items() if share < ENOUGH]
    verdict = "the rule is met" if not missed else f"it is missed with seed {', '.join(missed)}"
    if len(scores) < 3:
        verdict += f", as far as {len(scores)} of the three seeds that it asks for can tell"
    return (
        f"With the preset, models answer {listed} of their own training examples. The rule asks "
        f"for {ENOUGH:.0%} with each seed: {verdict}."
    )


def adamw_finding(trials: pd.DataFrame) -> str:
    """Where AdamW stands when it is tuned too, beside Muon with as many lines and the same warm-up,
    as a sentence.

    Args:
        trials: from `tuning_table`.
    """
    adamw = trials[trials.optimizer == "adamw"]
    alike = ["sequences", "warmup_share"]
    tried = adamw.groupby(alike).learning_rate.transform("nunique") > 1
    if not tried.any():
        return "AdamW has not been tuned."
    best = adamw[tried].sort_values("training").iloc[-1]
    muon = trials[(trials.optimizer == "muon") & (trials[alike] == best[alike]).all(axis=1)]
    return (
        f"AdamW, tuned over its rate and its batches on {best.sequences:,.0f} lines, comes to "
        f"{best.training:.1%} of its training examples at best (rate {best.learning_rate:g}, "
        f"batches of {best.batch_size:.0f}); Muon, with as many lines and the same warm-up, to "
        f"{muon.training.max():.1%}."
    )


def trial_name(trial: Any, pilot: dict[str, Any]) -> str:
    """How the settings of a trial differ from the pilot's, in words.

    >>> from types import SimpleNamespace
    >>> trial_name(SimpleNamespace(steps=9, warmup_share=0.1), dict(steps=9, warmup_share=0.05))
    'warm-up 0.1'
    >>> trial_name(SimpleNamespace(optimizer="adamw"), dict(optimizer="muon"))
    'optimiser adamw'
    >>> trial_name(SimpleNamespace(steps=9), dict(steps=9))
    "the pilot's settings"
    """
    changed = [
        f"{TUNED[name]} {own if isinstance(own, str) else f'{own:g}'}"
        for name, value in pilot.items()
        if (own := getattr(trial, name)) != value
    ]
    return ", ".join(changed) or "the pilot's settings"


def learning(records: Sequence[Record], pilot: dict[str, Any]) -> pd.DataFrame:
    """Training scores of the trials during training; see `scored_in_training` for what is left out.

    Returns:
        Columns ``trial``, its ``seed``, ``warm-up`` and ``optimiser`` in words, ``sequences`` so
        far, ``training`` and ``loss``.
    """
    return pd.DataFrame(
        [
            {
                "trial": trial_name(SimpleNamespace(**record.config), pilot),
                "seed": record.config["seed"],
                "warm-up": f"{record.config['warmup_share']:.0%} of the steps",
                "optimiser": OPTIMIZERS[record.config["optimizer"]],
                "sequences": checkpoint["step"] * record.config["batch_size"],
                "training": Score(**checkpoint["scores"]["training"]).share,
                "loss": checkpoint["loss"],
            }
            for record in scored_in_training(records)
            for checkpoint in record.curve
        ],
        columns=["trial", "seed", "warm-up", "optimiser", "sequences", "training", "loss"],
    )
