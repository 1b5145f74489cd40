"""What each experiment sets, what it draws and how a run is made; knows of no analysis or figure.

Each of these modules ends with its `instrdiv.experiments.experiment.Experiment`. None imports a
library of models before a run is made, so reading records does not need one.
"""
