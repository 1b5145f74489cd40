"""The experiments, one module per chapter: settings, data, and how a run is made.

Each of these modules ends with its `instrdiv.experiments.experiment.Experiment`. None imports a
library of models before a run is made, so reading records does not need one.
"""
