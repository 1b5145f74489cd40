"""Names in records that both halves of the project use: one writes them, the other reads them.

They are defined here so that reading a record does not import the code that made it.
"""

SCRATCH = "from-scratch"
"""In place of a pretrained model's name: an untrained GPT-2."""
MIXTURE_COLUMNS = ("examples", "words", "median_words", "removed")
"""The values of a collection in a measure ``mixture_…``, in this order."""
SINGLE = ("tokens", "answer_tokens")
"""Measures of one value."""
