"""The project's own code on a page: what a text speaks of, as it runs."""

import ast
import importlib.util
from pathlib import Path
from textwrap import dedent

from IPython.display import Markdown


def source_of(module: str, name: str) -> Markdown:
    """The source of a class, a function or a method, without its docstring.

    The module is read and not imported, so that a page about training needs no PyTorch. A method
    stands in its class, of which the rest is left out.

    Args:
        module: its full name.
        name: in the module, such as ``GPT2.forward``.

    Raises:
        ValueError: there is no such module, or nothing of this name in it.

    >>> print(source_of("instrdiv.models.gpt2", "GPT2._initialise").data.splitlines()[1])
    class GPT2(nn.Module):
    """
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise ValueError(f"no module {module!r}")
    lines = Path(spec.origin).read_text(encoding="utf-8").splitlines()
    node: ast.AST = ast.parse("\n".join(lines))
    around: list[str] = []
    for part in name.split("."):
        if isinstance(node, ast.ClassDef):
            around += [lines[node.lineno - 1], "    ...", ""]
        named = [
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.ClassDef | ast.FunctionDef) and child.name == part
        ]
        if not named:
            raise ValueError(f"nothing of the name {name!r} in {module}")
        node = named[0]
    assert isinstance(node, ast.ClassDef | ast.FunctionDef)
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    told = {at for each in ast.walk(node) for at in _docstring_lines(each)}
    kept = [at for at in range(first, (node.end_lineno or first) + 1) if at not in told]
    code = dedent("\n".join([*around, *(lines[at - 1] for at in kept)]))
    return Markdown(f"```python\n{code}\n```")


def _docstring_lines(node: ast.AST) -> range:
    """The lines of a class's or function's docstring; none of anything else."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
        told = node.body[0]
        return range(told.lineno, (told.end_lineno or told.lineno) + 1)
    return range(0)
