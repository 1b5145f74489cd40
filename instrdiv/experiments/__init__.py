"""The experiments, one module a notebook.

``notebooks/01_rule_diversity.ipynb`` belongs to ``instrdiv.experiments.rule_diversity``. Each
such module offers

- ``NAME`` and ``PROTOCOL``, which with the settings identify a run;
- ``Config``, a frozen dataclass of all settings, checked when made;
- ``PRESETS``, the settings of each scale, and ``configure(scale, **changes) -> Config``;
- ``AXES``, the settings that its figures vary;
- ``run(config) -> (model, Outcome)``;
- ``verdicts(table, beside) -> [Verdict]``, the paper's claims held against rows of `score_table`
  and what `results.held_against` finds for them: as a rule the runs of experiment 1 with the same
  optimiser, number of examples and seeds, in which all rules apply once and are equally frequent.
"""
