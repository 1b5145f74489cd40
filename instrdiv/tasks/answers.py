"""The kind of an answer: correct, or wrong in a telling way."""

from instrdiv.tasks.rewriting import rewrite
from instrdiv.untrusted import visible

ANSWER_KINDS = (
    "correct",
    "wrong replacement, correct position",
    "correct replacement, wrong position",
    "input unchanged",
    "other",
)
"""What an answer can be, see `kind_of_answer`."""


def parse_prompt(prompt: str) -> tuple[str, str, str]:
    """The rule's two sides and the input of a prompt.

    >>> parse_prompt("ab>cd:xaby=")
    ('ab', 'cd', 'xaby')

    Raises:
        ValueError: it is no such prompt.
    """
    rule, colon, z = prompt.rstrip("=").partition(":")
    x, arrow, y = rule.partition(">")
    if not (x and arrow and colon) or ">" in y or ":" in z:
        raise ValueError(f"{visible(repr(prompt), 80)} has not the form x>y:z=")
    return x, y, z


def kind_of_answer(prompt: str, answer: str) -> str:
    """The first of `ANSWER_KINDS` that fits; the last for an answer to any other text, such as one
    that a damaged record holds.

    >>> kind_of_answer("ab>cd:xaby=", "xcdy")
    'correct'
    >>> kind_of_answer("ab>cd:xaby=", "xefy")
    'wrong replacement, correct position'
    >>> kind_of_answer("ab>cd:xaby=", "cdby")
    'correct replacement, wrong position'
    >>> kind_of_answer("ab>cd:xaby=", "xaby")
    'input unchanged'
    >>> kind_of_answer("Write a poem.", "No.")
    'other'
    """
    try:
        x, y, z = parse_prompt(prompt)
    except ValueError:
        return "other"
    target = rewrite(x, y, z)
    if answer == target:
        return "correct"
    if answer == z:
        return "input unchanged"
    start = z.find(x)
    end = start + len(y)
    same_around = answer[:start] == target[:start] and answer[end:] == target[end:]
    if start >= 0 and len(answer) == len(target) and same_around:
        return "wrong replacement, correct position"
    # Where the input agrees with the answer before, and where it does after.
    last = _agreeing(answer, z)
    first = len(z) - len(x) - _agreeing(answer[::-1], z[::-1])
    found = answer.find(y, max(0, first), last + len(y)) >= 0
    if found and len(answer) == len(z) - len(x) + len(y):
        return "correct replacement, wrong position"
    return "other"


def _agreeing(a: str, b: str) -> int:
    """How many characters two texts have in common at their beginning."""
    pairs = enumerate(zip(a, b, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(a), len(b)))
