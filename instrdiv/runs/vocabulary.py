"""Names in records that both halves of the project use: the one writes them, the other reads them.

They are kept here so that reading a record needs nothing that made it.
"""

SCRATCH = "from-scratch"
"""In place of a pretrained model's name: a GPT-2 that has learned nothing yet."""
MIXTURE_COLUMNS = ("examples", "words", "median_words", "removed")
"""What a measure ``mixture_…`` holds of a collection, in this order."""
