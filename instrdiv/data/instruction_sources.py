"""Instruction data from files: code, general instructions, chains of thought.

Three public collections replace the paper's, which are only on a hub: CodeAlpaca's files, T0's
training prompts, and FLAN's chain-of-thought files; `instrdiv.data.instruction_files` fetches them.
Other data are read from JSON lines.
"""

import gzip
import json
import warnings
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from instrdiv.checks import first_line
from instrdiv.data.python_text import is_python

MOST_BYTES = 10_000_000
"""Of a line."""


class DataError(ValueError):
    """A file or a line of data is invalid; the message names both."""


class InstructionPair(NamedTuple):
    """An instruction and its answer.

    Attributes:
        instruction: the instruction with its input, if any.
        answer: the text to learn.
        source: its collection.
    """

    instruction: str
    answer: str
    source: str


def read_jsonl(path: Path, source: str | None = None) -> list[InstructionPair]:
    """Examples from JSON lines, plain or gzipped: ``{"instruction": "…", "answer": "…"}`` each.

    An optional ``input`` is appended to the instruction.

    Args:
        source: name of the collection; by default the file's name.

    Raises:
        DataError: the message names the file, the line and what is wrong.
    """
    name = source or path.name.split(".")[0]
    return [
        InstructionPair(_instruction(row, path, number), _text(row, "answer", path, number), name)
        for number, row in _json_lines(path)
    ]


def read_code_alpaca(
    folder: Path, accept: Callable[[str], bool] | None = None
) -> list[InstructionPair]:
    """CodeAlpaca's instructions whose answer is a Python program (CC BY-NC 4.0).

    Args:
        accept: function that recognises such an answer; by default `is_python`.
    """
    accept = accept or is_python
    found = []
    for path in _files(folder / "codealpaca", "*.json"):
        try:
            rows = json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise DataError(f"{path}: not JSON ({error})") from None
        if not isinstance(rows, list):
            raise DataError(f"{path}: a list of examples is needed")
        for number, row in enumerate(rows, start=1):
            instruction = _instruction(row, path, number, "row")
            # Two answers are empty in the original.
            answer = _text(row, "output", path, number, "row", empty=True)
            if accept(answer):
                found.append(InstructionPair(instruction, answer, "code"))
    return found


END_MARK = "<|endoftext|>"


def read_t0(folder: Path) -> list[InstructionPair]:
    """T0's training prompts (Apache-2.0), without the end mark of the model they were made for.

    Answers that contain only such a mark are left out, and a warning says how many.
    """
    examples = [
        example._replace(answer=example.answer.rstrip().removesuffix(END_MARK))
        if example.answer.rstrip().endswith(END_MARK)
        else example
        for example in _t0_as_written(folder)
    ]
    kept = [example for example in examples if example.answer.strip()]
    if len(kept) < len(examples):
        warnings.warn(
            f"T0: {len(examples) - len(kept)} of {len(examples)} rows have no answer and are "
            "left out",
            stacklevel=2,
        )
    return kept


def read_t0_first_edition(folder: Path) -> list[InstructionPair]:
    """`read_t0` as of chapter 7's first recorded runs, with empty answers."""
    return [
        example._replace(answer=example.answer.removesuffix(END_MARK))
        for example in _t0_as_written(folder)
    ]


def _t0_as_written(folder: Path) -> Iterator[InstructionPair]:
    for path in _files(folder / "t0", "*.jsonl.gz"):
        for number, row in _json_lines(path):
            prompt, completion = (_text(row, key, path, number) for key in ("prompt", "completion"))
            yield InstructionPair(prompt, completion, "general")


def read_flan_chains(folder: Path) -> list[InstructionPair]:
    """FLAN's chains of thought (Apache-2.0): a rationale, then the answer."""
    found = []
    for path in _files(folder / "flan_cot", "*.tsv"):
        for number, line in _lines(path):
            parts = line.replace("\\n", "\n").split("\t")
            if len(parts) != 3 or not all(part.strip() for part in parts):
                raise DataError(
                    f"{path}, line {number}: question, answer and rationale are needed, with tabs "
                    f"between; it has {len(parts)} parts"
                )
            question, answer, rationale = parts
            found.append(
                InstructionPair(question, f"{rationale}\nThe answer is {answer}.", "chains")
            )
    return found


SOURCES: dict[str, Callable[[Path], list[InstructionPair]]] = {
    "code": read_code_alpaca,
    "general": read_t0,
    "chains": read_flan_chains,
}
"""The collections, by their names in a mixture."""


HUB = {
    "code": ("ise-uiuc/Magicoder-OSS-Instruct-75K", ("problem",), "solution"),
    "general": ("tatsu-lab/alpaca", ("instruction", "input"), "output"),
    "chains": ("kaist-ai/CoT-Collection", ("source",), "rationale"),
}
"""The paper's collections: name, columns of the instruction, column of the answer."""


def read_hub(source: str) -> list[InstructionPair]:
    """One of the paper's collections, loaded by the package ``datasets``.

    Raises:
        DataError: the package, the network or the collection is missing.
    """
    name, asks, answers = HUB[source]
    try:
        from datasets import load_dataset

        rows = load_dataset(name, split="train")
    except Exception as error:  # no package, network or access, or another format
        reason = first_line(error)
        raise DataError(
            f"{name} cannot be loaded from the hub ({reason}): install `datasets`, check the "
            'network, or use data="collections"'
        ) from None
    return examples_of_rows(rows, name, asks, answers, source)


def examples_of_rows(
    rows: Iterable[dict[str, Any]], name: str, asks: Sequence[str], answers: str, source: str
) -> list[InstructionPair]:
    """The rows of a collection as examples; rows with an empty instruction or answer are left out,
    and a warning says how many.

    >>> rows = [{"q": "Name a colour.", "a": "Red."}, {"q": "Name another.", "a": None}]
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     len(examples_of_rows(rows, "colours", ["q"], "a", "general"))
    1
    >>> print(caught[0].message)
    colours: 1 of 2 rows have no instruction or no answer and are left out

    Raises:
        DataError: a row lacks a column, or its value is not a text.
    """
    kept, number = [], 0
    for number, row in enumerate(rows, start=1):
        lacking = [key for key in (*asks, answers) if key not in row]
        if lacking:
            raise DataError(f"{name}: no column {lacking[0]!r}; there are {', '.join(row)}")
        texts = [row[key] or "" for key in (*asks, answers)]
        if not all(isinstance(text, str) for text in texts):
            raise DataError(f"{name}, row {number}: {', '.join((*asks, answers))} must be texts")
        instruction, answer = "\n".join(text for text in texts[:-1] if text.strip()), texts[-1]
        if instruction and answer.strip():
            kept.append(InstructionPair(instruction, answer, source))
    if len(kept) < number:
        warnings.warn(
            f"{name}: {number - len(kept)} of {number} rows have no instruction or no answer and "
            "are left out",
            stacklevel=2,
        )
    return kept


def _files(folder: Path, pattern: str) -> list[Path]:
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise DataError(f"{folder}: no files {pattern} there")
    return paths


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in _lines(path):
        try:
            yield number, json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{path}, line {number}: not JSON ({error})") from None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The non-blank lines of a file with their numbers; plain or gzipped.

    A byte order mark at the beginning and line ends of either kind are removed.
    """
    opened = gzip.open if path.suffix == ".gz" else open
    number = 0
    try:
        with opened(path, "rb") as file:
            # A line ends where the limit cuts it: a small archive can hold one of many gigabytes.
            for number, line in enumerate(iter(lambda: file.readline(MOST_BYTES + 1), b""), 1):
                if len(line) > MOST_BYTES:
                    raise DataError(f"{path}, line {number}: more than {MOST_BYTES:,} bytes")
                text = line.removeprefix(BOM_UTF8 if number == 1 else b"").decode("utf-8")
                if text.strip():
                    yield number, text.rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}, line {number}: not UTF-8 ({error})") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: cannot be read after line {number} ({error})") from None


def _instruction(row: Any, path: Path, number: int, kind: str = "line") -> str:
    """An instruction with its input, if there is one."""
    instruction = _text(row, "instruction", path, number, kind)
    input_text = _text(row, "input", path, number, kind, empty=True) if row.get("input") else ""
    return f"{instruction}\n{input_text}" if input_text else instruction


def _text(
    row: Any, key: str, path: Path, number: int, kind: str = "line", *, empty: bool = False
) -> str:
    where = f"{path}, {kind} {number}"
    if not isinstance(row, dict) or key not in row:
        has = f"it has {', '.join(map(repr, row))}" if isinstance(row, dict) else "it has no names"
        raise DataError(f"{where}: {key!r} must be a text that is not empty; {has}")
    text = row[key]
    if not isinstance(text, str) or not (text.strip() or empty):
        raise DataError(f"{where}: {key!r} must be a text that is not empty")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise DataError(f"{where}: {key!r} holds no text ({error.reason})") from None
    return text
