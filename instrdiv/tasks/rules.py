"""Rules, and how training rules and held-out rules are sampled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, UInt8

from instrdiv.tasks.alphabet import LETTERS, decode

MAX_ROUNDS = 1000
"""Rounds without a new rule before a request counts as impossible."""


@dataclass(frozen=True)
class Rules:
    """Rules ``x -> y``; row i of both arrays is rule i. Letters are numbered 0 to 25."""

    x: UInt8[np.ndarray, "rules x_length"]
    y: UInt8[np.ndarray, "rules y_length"]

    def __len__(self) -> int:
        return len(self.x)

    def __str__(self) -> str:
        shown = ", ".join(
            f"{decode(x)}→{decode(y)}" for x, y in zip(self.x[:5], self.y[:5], strict=True)
        )
        return f"{len(self)} rules: {shown}{', …' if len(self) > 5 else ''}"


def sample_rules(
    rng: np.random.Generator,
    num_rules: int,
    x_length: int,
    y_length: int,
    *,
    held_out: Rules | None = None,
    num_letters: int = len(LETTERS),
    primitive: bool = False,
) -> Rules:
    """Sample distinct rules uniformly.

    Two rules are distinct if they differ in at least one side; the two sides of a rule differ from
    each other (identity rules are excluded).

    Args:
        held_out: rules to keep unseen: none of their sides, left or right, occurs as a side
            of a sampled rule. This is the paper's meaning of *unseen*: neither x nor y.
        primitive: exclude left-hand sides that repeat a shorter string, such as ``aaa``: adjacent
            copies of these form further occurrences.

    >>> rng = np.random.default_rng(0)
    >>> test = sample_rules(rng, 2, 3, 3)
    >>> train = sample_rules(rng, 1000, 3, 3, held_out=test)
    >>> sides = lambda rules: {decode(side) for side in [*rules.x, *rules.y]}
    >>> sides(train) & sides(test)
    set()

    Raises:
        ValueError: there are too few distinct rules.
    """
    _require_enough(num_rules, x_length, y_length, num_letters, held_out, primitive)

    def draw(number: int) -> Rules:
        x = rng.integers(num_letters, size=(number, x_length), dtype=np.uint8)
        y = rng.integers(num_letters, size=(number, y_length), dtype=np.uint8)
        keep = is_primitive(x) if primitive else slice(None)
        return Rules(x[keep], y[keep])

    return collect(num_rules, draw, held_out=held_out)


def collect(
    num_rules: int,
    draw: Callable[[int], Rules],
    *,
    held_out: Rules | None = None,
    taken: Rules | None = None,
) -> Rules:
    """Sample rules until there are enough that are distinct and allowed.

    Args:
        draw: returns about the given number of random rules, all of one size.
        held_out: rules whose sides no sampled rule may have.
        taken: rules that must not be sampled again.

    Raises:
        ValueError: `MAX_ROUNDS` rounds in a row gave no new rule.
    """
    reserved = _sides(held_out) if held_out is not None else np.array([], dtype="S1")
    used = _pairs(taken) if taken is not None else np.array([], dtype="S1")
    found, fruitless = draw(0), 0
    while len(found) < num_rules:
        new = draw(num_rules - len(found) + 64)
        keep = ~(np.isin(_keys(new.x), reserved) | np.isin(_keys(new.y), reserved))
        keep &= ~np.isin(_pairs(new), used)
        if new.x.shape == new.y.shape:
            keep &= (new.x != new.y).any(axis=1)
        more = joined([found, Rules(new.x[keep], new.y[keep])])
        first = np.sort(np.unique(_pairs(more), return_index=True)[1])
        fruitless = 0 if len(first) > len(found) else fruitless + 1
        if fruitless == MAX_ROUNDS:
            raise ValueError(f"num_rules={num_rules}, but only {len(found)} could be sampled")
        found = Rules(more.x[first], more.y[first])
    return Rules(found.x[:num_rules], found.y[:num_rules])


def joined(parts: Sequence[Rules]) -> Rules:
    """Concatenate rules of one size."""
    return Rules(np.concatenate([p.x for p in parts]), np.concatenate([p.y for p in parts]))


def is_primitive(strings: UInt8[np.ndarray, "n length"]) -> Bool[np.ndarray, "n"]:
    """Which strings do not repeat a shorter string.

    >>> from instrdiv.tasks.alphabet import encode
    >>> is_primitive(np.stack([encode("abab"), encode("abaa")])).tolist()
    [False, True]
    """
    length = strings.shape[1]
    periods = [period for period in range(1, length) if length % period == 0]
    repeated = [(strings == np.roll(strings, period, axis=1)).all(axis=1) for period in periods]
    return ~np.any(repeated, axis=0) if repeated else np.ones(len(strings), dtype=bool)


def count_primitive(length: int, num_letters: int = len(LETTERS)) -> int:
    """Number of strings of a given length that do not repeat a shorter string.

    >>> count_primitive(2, num_letters=26), count_primitive(3, num_letters=26)
    (650, 17550)
    """
    # Every string repeats exactly one primitive string, whose length divides its own.
    strings: int = num_letters**length
    return strings - sum(
        count_primitive(part, num_letters) for part in range(1, length) if length % part == 0
    )


def _keys(strings: UInt8[np.ndarray, "n length"]) -> np.ndarray:
    """One sortable bytes value per row; letters are shifted by one, as a zero byte ends a value."""
    if strings.shape[1] == 0:
        return np.zeros(len(strings), dtype="S1")
    return np.ascontiguousarray(strings + 1).view(f"S{strings.shape[1]}")[:, 0]


def _pairs(rules: Rules) -> np.ndarray:
    return _keys(np.concatenate([rules.x, rules.y], axis=1))


def _sides(rules: Rules) -> np.ndarray:
    # All rules with an empty right-hand side share it, so there is nothing to hold out.
    filled = [side for side in (rules.x, rules.y) if side.shape[1]]
    return np.unique(np.concatenate([_keys(side) for side in filled]))


def _require_enough(
    num_rules: int,
    x_length: int,
    y_length: int,
    num_letters: int,
    held_out: Rules | None,
    primitive: bool,
) -> None:
    if num_rules < 1 or x_length < 1 or y_length < 0:
        raise ValueError(
            f"num_rules={num_rules}, x_length={x_length}, y_length={y_length}: "
            "at least 1, 1 and 0 are needed"
        )

    def free(length: int) -> int:
        taken = 0
        if held_out is not None:
            same = [s for s in (held_out.x, held_out.y) if s.shape[1] == length and length]
            taken = len(np.unique(np.concatenate([_keys(s) for s in same]))) if same else 0
        strings: int = num_letters**length
        return strings - taken

    left = free(x_length)
    if primitive:
        # A held-out right-hand side that repeats a string is subtracted twice, so a request for
        # nearly all rules can be refused although it could be met, but never the reverse.
        left -= num_letters**x_length - count_primitive(x_length, num_letters)
    exist = left * free(y_length) - (left if x_length == y_length else 0)
    if num_rules > exist:
        raise ValueError(
            f"num_rules={num_rules}, but only {exist} distinct rules exist with |x|={x_length} and "
            f"|y|={y_length} over {num_letters} letters"
            + (f" beside {len(held_out)} held-out rules" if held_out is not None else "")
        )
