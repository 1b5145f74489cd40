"""What the records say: tables, sentences and verdicts, one module per chapter.

Nothing here trains, plots or loads a model; the only input is records.
"""
