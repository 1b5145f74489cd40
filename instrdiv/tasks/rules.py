"""Rules and how they are drawn, training and held out apart."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, UInt8

from instrdiv.tasks.alphabet import LETTERS, decode


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
) -> Rules:
    """Draw distinct rules, uniformly.

    Two rules are distinct if they differ in either side; the two sides of a rule differ from
    each other (a rule that changes nothing is none).

    Args:
        held_out: rules to keep unseen: none of their sides, left or right, occurs as a side
            of a drawn rule. This is the paper's meaning of *unseen*: neither x nor y.

    >>> rng = np.random.default_rng(0)
    >>> test = sample_rules(rng, 2, 3, 3)
    >>> train = sample_rules(rng, 1000, 3, 3, held_out=test)
    >>> sides = lambda rules: {decode(side) for side in [*rules.x, *rules.y]}
    >>> sides(train) & sides(test)
    set()

    Raises:
        ValueError: fewer distinct rules exist than asked for.
    """
    reserved = _sides(held_out) if held_out is not None else np.array([], dtype="S1")
    _require_enough(num_rules, x_length, y_length, num_letters, held_out)

    x = np.empty((0, x_length), dtype=np.uint8)
    y = np.empty((0, y_length), dtype=np.uint8)
    while len(x) < num_rules:
        more = num_rules - len(x) + 64
        x = np.concatenate([x, rng.integers(num_letters, size=(more, x_length), dtype=np.uint8)])
        y = np.concatenate([y, rng.integers(num_letters, size=(more, y_length), dtype=np.uint8)])
        keep = ~(np.isin(_keys(x), reserved) | np.isin(_keys(y), reserved))
        if x_length == y_length:
            keep &= (x != y).any(axis=1)
        x, y = x[keep], y[keep]
        first = np.sort(np.unique(_keys(np.concatenate([x, y], axis=1)), return_index=True)[1])
        x, y = x[first], y[first]
    return Rules(x[:num_rules], y[:num_rules])


def are_unseen(rules: Rules, training: Rules) -> Bool[np.ndarray, "rules"]:
    """Which rules have neither side among the sides of the training rules."""
    seen = _sides(training)
    return ~(np.isin(_keys(rules.x), seen) | np.isin(_keys(rules.y), seen))


def _keys(strings: UInt8[np.ndarray, "n length"]) -> np.ndarray:
    """One sortable bytes value a row; letters move up by one since a zero byte ends a value."""
    if strings.shape[1] == 0:
        return np.zeros(len(strings), dtype="S1")
    return np.ascontiguousarray(strings + 1).view(f"S{strings.shape[1]}")[:, 0]


def _sides(rules: Rules) -> np.ndarray:
    # The empty right-hand side is one that all rules share: there is nothing in it to hold out.
    filled = [side for side in (rules.x, rules.y) if side.shape[1]]
    return np.unique(np.concatenate([_keys(side) for side in filled]))


def _require_enough(
    num_rules: int, x_length: int, y_length: int, num_letters: int, held_out: Rules | None
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
        return num_letters**length - taken

    exist = free(x_length) * free(y_length) - (free(x_length) if x_length == y_length else 0)
    if num_rules > exist:
        raise ValueError(
            f"num_rules={num_rules}, but only {exist} distinct rules exist with |x|={x_length} and "
            f"|y|={y_length} over {num_letters} letters"
            + (f" beside {len(held_out)} held-out rules" if held_out is not None else "")
        )
