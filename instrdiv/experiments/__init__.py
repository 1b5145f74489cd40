"""The experiments, a module a chapter: what is set, what is drawn, how a run is made.

Each such module ends with its `instrdiv.experiments.experiment.Experiment`. None of them imports a
library of models before a run is made, so that whoever reads records needs none.
"""
