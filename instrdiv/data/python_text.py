"""Whether the text of an answer is a Python program."""

import ast
import builtins
import warnings


def is_python(text: str) -> bool:
    """Whether a text is a Python program that does something and is self-contained.

    Whatever it calls or takes attributes of must be built in, imported or defined in it, since many
    programs of other languages parse as Python too.

    >>> is_python("def f(x):\\n    return x"), is_python("hello"), is_python("SELECT a FROM b")
    (True, False, False)
    >>> is_python("console.log(3 + 2);"), is_python("print(3 + 2);")
    (False, True)
    """
    tree = _parsed(text)
    return tree is not None and _used(tree) <= _known(tree)


def parses_as_python(text: str) -> bool:
    """`is_python` as of chapter 7's first recorded runs: it is enough that a text parses and does
    something.

    >>> parses_as_python("console.log(3 + 2);")
    True
    """
    return _parsed(text) is not None


def _parsed(text: str) -> ast.AST | None:
    try:
        with warnings.catch_warnings(action="ignore"):  # such as those about invalid escapes
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    statements = (ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Assign, ast.Call)
    return tree if any(isinstance(node, statements) for node in ast.walk(tree)) else None


FOREIGN = {"let", "null", "true", "false", "undefined"}
"""Keywords of other languages that are valid names in Python."""


def _used(tree: ast.AST) -> set[str]:
    """The names that a program must know: ``a`` in ``a(1)`` and ``a.b[0] = c``, and keywords of
    other languages; not ``c``, which the instruction may mention."""
    names = set()
    for node in ast.walk(tree):
        root = node.func if isinstance(node, ast.Call) else node
        if isinstance(node, ast.Call | ast.Attribute):
            while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
                root = root.func if isinstance(root, ast.Call) else root.value
        if isinstance(root, ast.Name) and (root is not node or root.id in FOREIGN):
            names.add(root.id)
    return names


def _known(tree: ast.AST) -> set[str]:
    """The names that a program may use: built in, imported, or bound anywhere in it."""
    names = set(dir(builtins)) | {"__file__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.alias):
            if node.name == "*":  # it may bind any name
                return names | _used(tree)
            names.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            names.add(node.name)
    return names
