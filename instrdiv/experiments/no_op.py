"""Experiment 2: inputs that the rule does not apply to.

In a share of the training inputs the left-hand side does not occur, and the output equals the
input. The model must find out whether a rule applies before it can follow it (arXiv 2405.19787,
section 3.2, figure 4).
"""

from dataclasses import dataclass, field
from functools import partial

from instrdiv.checks import between, one_of
from instrdiv.experiments import symbolic
from instrdiv.scales import Settings
from instrdiv.tasks.inputs import plant_no_ops, plant_once, plant_some, random_no_ops

PRESETS: dict[str, Settings] = {
    "smoke": dict(no_op_share=0.3),
    "laptop": dict(
        no_op_share=0.3, no_ops="random", optimizer="muon", steps=2_000, warmup_share=0.3,
    ),
    "desk": dict(no_op_share=0.3, no_ops="random"),
    "paper": dict(no_op_share=0.3, no_ops="random"),
}  # fmt: skip
"""By scale, the settings that differ from the shared presets."""


NO_OPS = {"similar": plant_no_ops, "random": random_no_ops}
"""How inputs to which a rule does not apply are made; the paper's are probably random."""


@dataclass(frozen=True, kw_only=True)
class Config(symbolic.SymbolicConfig):
    """`num_examples` spread evenly over `num_rules`, a share of them no-ops."""

    no_op_share: float = field(metadata=between(0, 1))
    """Share of training inputs in which x does not occur."""
    no_ops: str = field(default="similar", metadata=one_of(*NO_OPS))
    """How these are made: ``similar`` to an input with x, in every degree, or ``random``."""


def make_data(config: Config) -> symbolic.SymbolicData:
    """Make the rules and examples of a run.

    Rules and the tests ``unseen`` and ``seen`` are those of experiment 1 with the same seed;
    ``unseen_no_op`` and ``seen_no_op`` test the same rules on as many no-ops, made as those of
    training are, ``unseen_near_miss`` on no-ops that contain all of x but one letter.
    """
    rules, held_out = symbolic.make_rules(config)
    once, no_ops, near_misses = (
        partial(plant, z_length=config.z_length)
        for plant in (plant_once, NO_OPS[config.no_ops], partial(plant_no_ops, changed=1))
    )
    further = symbolic.make_tests(config, rules, held_out, {"_near_miss": near_misses})
    return symbolic.SymbolicData(
        rules=rules,
        held_out=held_out,
        training=symbolic.make_training(
            config,
            rules,
            partial(
                plant_some,
                z_length=config.z_length,
                no_op_share=config.no_op_share,
                no_ops=NO_OPS[config.no_ops],
            ),
        ),
        tests=symbolic.make_tests(config, rules, held_out, {"": once, "_no_op": no_ops}),
        further=further,
    )


experiment = symbolic.symbolic_experiment("no_op", 2, Config, PRESETS, make_data, protocol=2)
