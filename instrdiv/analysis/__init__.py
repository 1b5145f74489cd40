"""What records say, as tables, sentences and verdicts; knows of no model and no figure.

A module a chapter. Nothing here trains or loads a model: a record is all that is read.
"""
