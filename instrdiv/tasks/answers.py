"""The kind of an answer: correct, or wrong in a telling way."""

from instrdiv.tasks.rewriting import rewrite

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
    """
    rule, z = prompt.rstrip("=").split(":")
    x, y = rule.split(">")
    return x, y, z


def kind_of_answer(prompt: str, answer: str) -> str:
    """The first of `ANSWER_KINDS` that fits.

    >>> kind_of_answer("ab>cd:xaby=", "xcdy")
    'correct'
    >>> kind_of_answer("ab>cd:xaby=", "xefy")
    'wrong replacement, correct position'
    >>> kind_of_answer("ab>cd:xaby=", "cdby")
    'correct replacement, wrong position'
    >>> kind_of_answer("ab>cd:xaby=", "xaby")
    'input unchanged'
    """
    x, y, z = parse_prompt(prompt)
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
    positions = range(len(z) - len(x) + 1)
    if any(answer == z[:at] + y + z[at + len(x) :] for at in positions):
        return "correct replacement, wrong position"
    return "other"
