"""Grades: the difficulty of a function, by the number of steps of its reference solution."""

import ast
from bisect import bisect_left

MOST_STEPS = (2, 3, 4, 6)
"""The most steps that a function of grade 1, 2, 3 and 4 takes; more make grade 5."""
GRADES = tuple(range(1, len(MOST_STEPS) + 2))


def steps(program: str) -> int:
    """Count the steps of a program in its syntax tree.

    Each of these is a step: an operator (of arithmetic, comparison or logic), a call, an index or
    slice, a loop or a condition (also in a comprehension), an assignment, a formatted string.

    >>> steps("return x + 3"), steps("return max(a, b)"), steps("return s[-1]")
    (1, 1, 1)
    >>> steps("return sum(x for x in xs if x > 3)")  # a call, a loop, a condition, an operator
    4

    Raises:
        SyntaxError: the text is not Python.
    """
    return sum(map(_steps_of, ast.walk(ast.parse(program))))


def grade(program: str) -> int:
    """The grade of a function with this reference solution, one of `GRADES`.

    >>> grade("return x + 3"), grade("return sum(x for x in xs if x > 3)")
    (1, 3)
    """
    return 1 + bisect_left(MOST_STEPS, steps(program))


ONE_STEP = (
    ast.BinOp,
    ast.Call,
    ast.Subscript,
    ast.For,
    ast.While,
    ast.If,
    ast.IfExp,
    ast.Assign,
    ast.AugAssign,
    ast.JoinedStr,
)


def _steps_of(node: ast.AST) -> int:
    match node:
        case ast.Compare():
            return len(node.ops)  # a < b < c are two
        case ast.BoolOp():
            return len(node.values) - 1
        case ast.UnaryOp(operand=ast.Constant()):
            return 0  # -1 is a number, not a step
        case ast.UnaryOp():
            return 1
        case ast.comprehension():
            return 1 + len(node.ifs)
    return int(isinstance(node, ONE_STEP))
