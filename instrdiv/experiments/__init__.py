"""The experiments, one module a notebook.

``notebooks/01_rule_diversity.ipynb`` belongs to ``instrdiv.experiments.rule_diversity``. Each
such module offers

- ``NAME`` and ``PROTOCOL``, which with the settings identify a run;
- ``Config``, a frozen dataclass of all settings, checked when made;
- ``PRESETS``, the settings of each scale, and ``configure(scale, **changes) -> Config``;
- ``run(config) -> (model, Outcome)``.
"""
