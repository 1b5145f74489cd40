"""What each experiment sets, what it draws and how a run is made; knows of no analysis or figure.

Each chapter has a module, which ends with its `instrdiv.experiments.experiment.Experiment`. None
of them imports a library of models before a run is made, so that whoever reads records needs none.
"""
