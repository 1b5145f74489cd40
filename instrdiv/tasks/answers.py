"""What kind of answer a model gave: right, or wrong in a way that tells something."""

from instrdiv.tasks.rewriting import rewrite

KINDS = (
    "right",
    "wrong replacement, right place",
    "right replacement, wrong place",
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
    """One of `KINDS`; the first that fits.

    >>> kind_of_answer("ab>cd:xaby=", "xcdy")
    'right'
    >>> kind_of_answer("ab>cd:xaby=", "xefy")
    'wrong replacement, right place'
    >>> kind_of_answer("ab>cd:xaby=", "cdby")
    'right replacement, wrong place'
    >>> kind_of_answer("ab>cd:xaby=", "xaby")
    'input unchanged'
    """
    x, y, z = parse_prompt(prompt)
    target = rewrite(x, y, z)
    if answer == target:
        return "right"
    if answer == z:
        return "input unchanged"
    start = z.find(x)
    end = start + len(y)
    same_around = answer[:start] == target[:start] and answer[end:] == target[end:]
    if start >= 0 and len(answer) == len(target) and same_around:
        return "wrong replacement, right place"
    places = range(len(z) - len(x) + 1)
    if any(answer == z[:place] + y + z[place + len(x) :] for place in places):
        return "right replacement, wrong place"
    return "other"
