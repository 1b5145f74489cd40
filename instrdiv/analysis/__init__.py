"""What the records say: tables, sentences and verdicts, a module a chapter.

Nothing here trains, draws or loads a model: a record is all that is read.
"""
