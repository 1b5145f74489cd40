"""What a program's statements define and use, determined without running it."""

import ast
import builtins
import dis
import types
import warnings
from collections.abc import Iterator, Sequence

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def is_program(text: str) -> bool:
    """Whether a text compiles as Python; it is not run.

    >>> is_program("x = 1"), is_program("return 1")
    (True, False)
    """
    return _compiled(text) is not None


def error_line(program: str) -> int | None:
    """The line, from 1, at which Python finds that a text is not a program; None if it is one.

    Whatever begins with the same lines up to this one is not a program either. 0 if it is not known
    where that is.

    >>> error_line("x = 1\\ny = = 2\\nz = 3"), error_line("x = 1"), error_line("\\0")
    (2, None, 0)
    """
    try:
        _compile(program)
    except SyntaxError as error:
        # Before Python 3.12, lines are counted from the beginning of the formatted text; of two
        # declarations that contradict each other, the first is named.
        unsure = any(word in (error.msg or "") for word in ("f-string", "global", "nonlocal"))
        return 0 if unsure else max(0, error.lineno or 0)
    except _NOT_COMPILED:
        return 0
    return None


def quietly_parsed(program: str) -> ast.Module:
    """A program's syntax tree, without a warning of what its author may want to write otherwise,
    such as ``"\\d"``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(program)


def statements_of(program: str) -> list[ast.stmt]:
    """A program's statements; none if the text is not a program.

    >>> len(statements_of("x = 1\\ny = 2")), statements_of("x = ")
    (2, [])
    """
    return quietly_parsed(program).body if is_program(program) else []


def defines(program: str, name: str) -> bool:
    """Whether a program binds a name outside of its functions.

    >>> defines("if True:\\n    def f(): x = 1", "f"), defines("def f(): x = 1", "x")
    (True, False)
    """
    return name in names_bound(program)


def names_bound(program: str) -> set[str]:
    """The names that a program binds outside of its functions.

    >>> sorted(names_bound("import os\\nif True:\\n    def f(): x = 1"))
    ['f', 'os']
    """
    return {
        name
        for top in statements_of(program)
        for statement in [top, *_inner(top)]
        for name in bound(statement)
    }


def bound(statement: ast.stmt) -> set[str]:
    """The names that an import, a definition or an assignment binds.

    >>> [sorted(bound(each)) for each in statements_of("import os.path as p\\na, b = 1, 2\\nf(a)")]
    [['p'], ['a', 'b'], []]
    """
    if isinstance(statement, DEFINITIONS):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(name.asname or name.name).split(".")[0] for name in statement.names}
    if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
        targets: Sequence[ast.expr] = (
            statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        )
        return {
            name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)
        }
    return set()


def _inner(statement: ast.stmt | ast.ExceptHandler) -> Iterator[ast.stmt]:
    """The statements inside of ``if``, ``try`` and the like."""
    if not isinstance(statement, DEFINITIONS):
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.stmt):
                yield child
            if isinstance(child, ast.stmt | ast.ExceptHandler):
                yield from _inner(child)


def used(program: str) -> set[str]:
    """The global names and attributes that a program uses, without its functions' variables.

    >>> sorted(used("def f(n):\\n    return n + len(TABLE.rows)"))
    ['TABLE', 'f', 'len', 'rows']
    """
    return {name for code in _codes(_compiled(program)) for name in code.co_names}


def _codes(code: types.CodeType | None) -> Iterator[types.CodeType]:
    if code:
        yield code
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                yield from _codes(constant)


def needed(statements: Sequence[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """The imports, definitions and assignments that names depend on, in their order.

    Imports by ``*`` are included, since they may bind any name.

    >>> written(needed(statements_of("a = 1\\nb = a\\nc = 2"), {"b"})).split()
    ['a', '=', '1', 'b', '=', 'a']
    """
    binding: dict[str, list[int]] = {}
    for number, statement in enumerate(statements):
        for name in bound(statement):
            binding.setdefault(name, []).append(number)
    kept: set[int] = set()
    asked, left = {"*", *names}, ["*", *names]
    while left:
        for number in binding.get(left.pop(), ()):
            if number not in kept:
                kept.add(number)
                more = used(written([statements[number]])) - asked
                asked |= more
                left += more
    return [statements[number] for number in sorted(kept)]


def missing(program: str) -> set[str]:
    """The global names that a program uses and nothing binds.

    >>> sorted(missing("import math\\ndef f(n):\\n    return plus(math.pi, n)"))
    ['plus']
    """
    stored, loaded = set(dir(builtins)), set()
    for code in _codes(_compiled(program)):
        for each in dis.get_instructions(code):
            if each.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
                loaded.add(each.argval)
            elif each.opname in ("STORE_NAME", "STORE_GLOBAL"):
                stored.add(each.argval)
    if any("*" in bound(statement) for statement in statements_of(program)):
        return set()
    return loaded - stored - {"__name__", "__file__", "__module__", "__qualname__"}


def written(statements: Sequence[ast.stmt]) -> str:
    """Statements as a program, without its comments.

    >>> written(statements_of("x = 1  # one"))
    'x = 1'
    """
    return "\n\n".join(map(ast.unparse, statements))


def does_something(statement: ast.stmt) -> bool:
    """Whether a statement is more than an unused value or a bare annotation.

    >>> [does_something(each) for each in statements_of("Sure\\nNote: this\\nprint(1)\\nx = 1")]
    [False, False, True, True]
    """
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Call)
    return not isinstance(statement, ast.AnnAssign) or statement.value is not None


_NOT_COMPILED = (ValueError, RecursionError, MemoryError, OverflowError)


def _compiled(program: str) -> types.CodeType | None:
    try:
        return _compile(program)
    except (SyntaxError, *_NOT_COMPILED):
        return None


def _compile(program: str) -> types.CodeType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(program, "<answer>", "exec", dont_inherit=True)
