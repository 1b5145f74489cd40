"""Instant feedback on the book's exercises: correct, or what is wrong.

Each ``check_…`` takes an answer and returns one sentence. None means no answer yet.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from instrdiv.experiments.points import SCALES
from instrdiv.runs.record import Record
from instrdiv.runs.store import read_records
from instrdiv.statistics.scores import Score

MINE = Path("mine")
"""The folder beside a sheet of exercises for the records of one's own runs."""
RIGHT = "Right"
"""How a sentence about a correct answer begins."""
WAITING = "No answer yet: replace None by yours."


def expect_right(said: str) -> None:
    """Print what was said of an answer if it is right; in a sheet, a test passes by it.

    >>> expect_right(check_chains(100))
    Right: 200 are not code, and half of them are chains of thought.

    Raises:
        AssertionError: the answer is missing or wrong, with the sentence.
    """
    if not said.startswith(RIGHT):
        raise AssertionError(said)
    print(said)


def handed_in(experiment: str, folder: Path = MINE, **settings: Any) -> Record:
    """The record of one's own run with these settings, at any scale.

    Args:
        folder: the one that ``--results`` named.

    Raises:
        ValueError: there is none, or none that can be read.
    """
    broken = []
    for scale in reversed(SCALES):  # the larger one says more
        records, problems = read_records([folder], experiment, scale)
        broken += problems
        for record in records:
            if all(record.config.get(name) == value for name, value in settings.items()):
                return record
    wanted = ", ".join(f"{name}={value}" for name, value in settings.items())
    reason = f"; {broken[0]}" if broken else ""
    raise ValueError(
        f"no run of {experiment} with {wanted} in the folder {str(folder)!r}: "
        f"make it with --results {folder}{reason}"
    )


def check_share(answer: float | None, run: Record, score: str) -> str:
    """A run of one's own: which share of its test was answered correctly?

    Half a percentage point is forgiven, so that a rounded share will do.
    """
    if answer is None:
        return WAITING
    counts = run.metrics[score]
    share = Score(**counts).share
    if abs(answer - share) <= 0.005:
        return f"Right: {counts['correct']} of {counts['total']} in your run at {run.scale} scale."
    if abs(answer / 100 - share) <= 0.005:
        return f"Not {answer:g}: a share lies between 0 and 1."
    return f"Not {answer:g}: `{score}` is correct / total in your record and in what `run` says."


def check_examples_each(answer: float | None) -> str:
    """Rule diversity: 100 000 examples spread evenly over 2 000 rules are how many of each?

    >>> check_examples_each(50)
    'Right: I × S stays the same, so twice the rules leave half the examples of each.'
    """
    if answer is None:
        return WAITING
    if answer == 50:
        return "Right: I × S stays the same, so twice the rules leave half the examples of each."
    if answer == 2_000 * 100_000:
        return "Not quite: the examples are divided among the rules, so divide."
    return f"Not {answer:g}: S is the number of examples divided by the number of rules."


def check_copying_average(answer: float | None) -> str:
    """No-ops: what average score has a model that copies every input?

    >>> check_copying_average(1.0)
    'Not 100 %: copying is correct on no-ops only, which are half of the test.'
    """
    if answer is None:
        return WAITING
    share = answer / 100 if answer > 1 else answer
    if share == 0.5:
        return (
            "Right: all no-ops are correct and no other inputs, and each kind is half of the test."
        )
    if share == 1:
        return "Not 100 %: copying is correct on no-ops only, which are half of the test."
    if share == 0:
        return "Not 0 %: copying is correct on a no-op."
    return f"Not {share:.0%}: how many no-ops are correct, and how many of the other inputs?"


def check_effective_number(answer: float | None) -> str:
    """Imbalance: the effective number of four rules with shares ½, ¼, ⅛, ⅛.

    >>> check_effective_number(4)
    'Not 4: that would be the number if they were equally frequent.'
    """
    if answer is None:
        return WAITING
    if abs(answer - 2**1.75) < 0.01:
        return "Right: four rules, as diverse as 3.36 equally frequent ones."
    if abs(answer - 1.75) < 0.01:
        return "Not yet: 1.75 is the entropy in bits. The effective number is 2 to the power of it."
    if answer == 4:
        return "Not 4: that would be the number if they were equally frequent."
    return f"Not {answer:g}: H = −Σ p log p, and the effective number is exp(H)."


def check_mirrored(side: str | None, block: str | None = None) -> str:
    """Semantic diversity: block ab mirrored with k = 4, and the block that repeats in it.

    >>> check_mirrored("abbaabba", "abba")
    'Right: abba twice, so it is periodic with k = 2 as well.'
    """
    if side is None:
        return WAITING
    if side == "abababab":
        return "Not quite: that repeats the block; mirrored, every second copy runs backwards."
    if side != "abbaabba":
        return f"Not {side}: ab forwards, then backwards, and so on, four times in all."
    if block is None:
        return "The side is right. Which block repeats in it?"
    if block == "abba":
        return "Right: abba twice, so it is periodic with k = 2 as well."
    return f"The side is right, but {block} does not repeat in it."


def check_replacing_all(answer: Sequence[float] | None) -> str:
    """Occurrences: the scores at 1, 2, 3, 4, 5 occurrences of a model that replaces all of them.

    >>> check_replacing_all([1, 0, 0, 0, 0])
    'Right: with one occurrence, all of them and the leftmost are the same.'
    """
    if answer is None:
        return WAITING
    if len(answer) != 5:
        return f"Five scores are needed, from one occurrence to five; {len(answer)} were given."
    if list(answer) == [1, 0, 0, 0, 0]:
        return "Right: with one occurrence, all of them and the leftmost are the same."
    if answer[0] != 1:
        return "Look again at one occurrence: does it matter there which one is replaced?"
    return "Look again at two occurrences: exact match forgives no letter."


def check_enciphered(answer: str | None) -> str:
    """A pretrained model: rule ab>xy with key 1 on zaab.

    >>> check_enciphered("zaxy")
    'Not yet: rewritten, but not enciphered.'
    """
    if answer is None:
        return WAITING
    if answer == "abyz":
        return "Right: rewritten to zaxy, then each letter shifted by one; z becomes a."
    if answer == "zaxy":
        return "Not yet: rewritten, but not enciphered."
    if answer == "abbc":
        return "Not yet: enciphered, but not rewritten."
    if answer == "zaab":
        return "Not yet: that is the input. The rule does apply to it."
    return f"Not {answer}: first replace the leftmost ab by xy, then shift each letter by one."


def check_chains(answer: float | None) -> str:
    """Code generation: 1 000 examples, 20 % not code, half of these chains of thought.

    >>> check_chains(500)
    'Not 500: half of those that are not code, not half of all.'
    """
    if answer is None:
        return WAITING
    if answer == 100:
        return "Right: 200 are not code, and half of them are chains of thought."
    if answer == 200:
        return "Not yet: 200 are not code. Half of them are chains."
    if answer == 500:
        return "Not 500: half of those that are not code, not half of all."
    return f"Not {answer:g}: first the examples that are not code, then half of these."


def check_number(answer: str | None) -> str:
    """Other tasks: number b d in badcab.

    >>> check_number("cb")
    'Right: two b and one d, where a stands for zero.'
    """
    if answer is None:
        return WAITING
    if answer == "cb":
        return "Right: two b and one d, where a stands for zero."
    if answer == "ba":
        return "Not quite: a stands for zero, so b stands for one."
    if answer == "bc":
        return "The other way round: b is counted first."
    return f"Not {answer}: two letters, how many b and how many d, where a stands for zero."
