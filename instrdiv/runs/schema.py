"""What a record's file must hold, checked before any of it is used.

A record may come from another machine, and a figure or a page must not depend on whether that was
kind. Names are names, counts are counts and numbers are finite; what a model wrote is text, of
which only the length is limited.
"""

import datetime
import json
from typing import Annotated, Any, NotRequired

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict  # pydantic needs this one before Python 3.12

from instrdiv.runs.vocabulary import MIXTURE_COLUMNS, SINGLE
from instrdiv.untrusted import visible

MOST_BYTES = 4_000_000
"""Of a file, and so of any text in it; the largest published record has 0.04 MB."""
MOST = 10**15
"""Of anything that is counted."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_ .,+-]{0,99}$")]
"""Of a score, a measure or a setting."""
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,99}$")]
Count = Annotated[int, Field(ge=0, le=MOST)]
Amount = Annotated[float, Field(ge=0, le=MOST)]
Values = Annotated[list[Annotated[float, Field(ge=-MOST, le=MOST)]], Field(min_length=1)]
"""Of a measure."""

# Unknown fields are refused: nothing would show them, so nobody would miss them.
exactly = with_config(ConfigDict(extra="forbid", strict=True, allow_inf_nan=False))


def _counted(counts: "Counts") -> "Counts":
    # One comparison for both, since a record holds hundreds of them.
    if not (0 <= counts["correct"] <= counts["total"] and 0 < counts["total"] <= MOST):
        raise ValueError("0 <= correct <= total is needed, and a total above 0")
    return counts


def _settings(config: dict[str, Any]) -> dict[str, Any]:
    for name, value in config.items():
        # Lists are flat, as those of a config's fields are.
        for each in value if isinstance(value, list) else (value,):
            number = isinstance(each, int | float)
            if type(each) not in _SINGLE or (number and not abs(each) < 2**63):
                raise ValueError(
                    f"{name}={each!r}: one finite number, text, true, false or null is needed, or "
                    "a list of these"
                )
    return config


_SINGLE = {int, float, bool, str, type(None)}


def _measured(measures: dict[str, list[float]]) -> dict[str, list[float]]:
    """Each measure has as many values as those who read it take from it."""
    for name, values in measures.items():
        partner = name.replace("inside_", "opening_", 1) if name.startswith("inside_") else name
        needed = (
            1 if name in SINGLE
            else len(MIXTURE_COLUMNS) if name.startswith("mixture_")
            else len(measures.get(partner, ()))
        )  # fmt: skip
        if len(values) != needed:
            raise ValueError(f"{name} has {len(values)} values, but {needed} are needed")
        if name.startswith("mixture_") and min(values) < 0:
            raise ValueError(f"{name}={values}: numbers of examples and words are needed")
    return measures


def _consistent(file: "File") -> "File":
    """What counts the same problems has the same number of them."""
    for name in ("graded_passed", "graded_samples_passed"):
        values = file["measures"].get(name) if "measures" in file else None
        problems = file["metrics"]["graded"]["total"] if "graded" in file["metrics"] else 0
        if values is not None and len(values) != problems:
            raise ValueError(f"{name} has {len(values)} values for {problems} problems")
        most = file["config"].get("num_samples", 1) if "samples" in name else 1
        if type(most) is not int:
            raise ValueError(f"num_samples={most!r}: a whole number is needed")
        if values and not all(0 <= v <= most and v.is_integer() for v in values):
            raise ValueError(f"{name}: whole numbers from 0 to {most} are needed")
    return file


@exactly
class Counts(TypedDict):
    correct: int
    total: int


Scores = dict[Name, Annotated[Counts, AfterValidator(_counted)]]


@exactly
class Checkpoint(TypedDict):
    step: Count
    loss: float
    scores: Scores


@exactly
class Answer(TypedDict):
    prompt: str
    target: str
    answer: str
    name: NotRequired[str]
    result: NotRequired[str]


def _dated(text: str) -> str:
    datetime.datetime.fromisoformat(text)  # the calendar has it
    return text


Date = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT[\d:.+Z-]{5,40}$"), AfterValidator(_dated)]
Processor = Annotated[str, Field(max_length=200)]


@exactly
class Part(TypedDict):
    """What one process did of a run that was interrupted and resumed."""

    commit: Word
    device: Word
    processor: Processor
    threads: Count
    wall_seconds: Amount
    cpu_seconds: Amount
    date: Date


@exactly
class Provenance(TypedDict):
    version: Word
    commit: Word
    python: Word
    torch: Word
    device: Word
    precision: Word
    processor: Processor
    threads: Count
    wall_seconds: Amount
    cpu_seconds: NotRequired[Amount]
    peak_memory_gb: NotRequired[Amount]
    date: Date
    parts: NotRequired[list[Part]]


@exactly
class File(TypedDict):
    """The fields of `instrdiv.runs.record.Record`, as they are in its file."""

    experiment: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,99}$")]
    scale: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
    key: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    protocol: Count
    config: Annotated[dict[Name, Any], AfterValidator(_settings)]
    defaults: list[Name]
    metrics: Scores
    curve: list[Checkpoint]
    answers: list[Answer]
    errors: list[Answer]
    provenance: Provenance
    measures: NotRequired[Annotated[dict[Name, Values], AfterValidator(_measured)]]


_FILE = TypeAdapter(Annotated[File, AfterValidator(_consistent)])


def checked(content: bytes) -> dict[str, Any]:
    """The fields of a record's file.

    >>> checked(b'{"protocol": -1}')
    Traceback (most recent call last):
        ...
    ValueError: protocol is -1: Input should be greater than or equal to 0 (and 10 more)

    Raises:
        ValueError: it is not JSON, or a field is missing, unknown, there twice or not what it
            should be; the message names the first field in question and its value.
    """
    try:
        fields = dict(_FILE.validate_json(content))
        json.loads(content, object_pairs_hook=_require_once)
        return fields
    except ValidationError as error:
        # A value says more than the absence of another.
        problems = sorted(
            error.errors(include_url=False), key=lambda each: each["type"] == "missing"
        )
        raise ValueError(_in_words(problems)) from None


def _require_once(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object with a name twice: readers of JSON differ in which of the two they take."""
    names = set()
    for name, _ in pairs:
        if name in names:
            raise ValueError(f"{visible(name, 200)} is there twice")
        names.add(name)


def _in_words(problems: list[Any]) -> str:
    first, *others = problems
    said = visible(first["msg"].removeprefix("Value error, "), 200)
    more = f" (and {len(others)} more)" if others else ""
    if first["type"] == "json_invalid" or not first["loc"]:
        return f"{said}{more}"
    field = visible(".".join(map(str, first["loc"])), 200)
    if first["type"] == "missing":
        return f"{field} is missing{more}"
    return f"{field} is {visible(repr(first['input']), 60)}: {said}{more}"
