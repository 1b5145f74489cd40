"""What was drawn, read back as text."""

from instrdiv.tasks.alphabet import decode
from instrdiv.tasks.answers import parse_prompt


def prompts(examples):
    """Rule and input of every example."""
    return [
        parse_prompt(decode(line[: examples.prompt_length]).rstrip("_")) for line in examples.tokens
    ]


def sides(rules):
    """Both sides of every rule; an empty one is shared by all and left out."""
    return {decode(side) for side in [*rules.x, *rules.y] if len(side)}
