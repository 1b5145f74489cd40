"""Read the file of grids; nothing in it is lost, and no file can exhaust the machine."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from instrdiv.checks import shown
from instrdiv.experiments.points import find_notebook

MOST_BYTES = 1_000_000
MOST_VALUES = 1_000_000
"""With every alias written out."""


def read_grid_file(path: Path) -> dict[Any, Any]:
    """The content of a file of grids, by the names of notebooks in it.

    Raises:
        ValueError: it cannot be read, is too large or not YAML, or holds a key twice, of which YAML
            would keep only one; the message names the file, and the line if it can.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES} bytes")
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        _values(node, {})
        for each in _nodes(node):
            _require_different_keys(each, notebooks=each is node)
        content = loader.construct_document(node) if node else None
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise ValueError(f"{path}: nested too deeply") from None
    except ValueError as error:  # such as a date that does not exist
        raise ValueError(f"{path}: {error}") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path}: notebooks and their scales are needed at the top")
    return content


def _values(node: yaml.Node | None, known: dict[int, int]) -> int:
    """The number of values in a node.

    Few lines of aliases of aliases can stand for more values than fit into memory, so each is
    counted once.
    """
    if node is None:
        return 0
    if id(node) not in known:
        known[id(node)] = MOST_VALUES + 1  # for a node that contains itself
        known[id(node)] = 1 + sum(_values(child, known) for child in _children(node))
        if known[id(node)] > MOST_VALUES:
            line = node.start_mark.line + 1
            raise ValueError(f"line {line}: more than {MOST_VALUES} values, aliases included")
    return known[id(node)]


def _nodes(node: yaml.Node | None) -> list[yaml.Node]:
    """Every node, each once."""
    found: dict[int, yaml.Node] = {}
    waiting = [node] if node else []
    while waiting:
        each = waiting.pop()
        if id(each) not in found:
            found[id(each)] = each
            waiting += _children(each)
    return list(found.values())


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [child for pair in node.value for child in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _require_different_keys(node: yaml.Node, *, notebooks: bool) -> None:
    """Refuse a key that occurs twice.

    Args:
        notebooks: whether the keys are names of notebooks, which have several names each.
    """
    lines: dict[Hashable, int] = {}
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else []:
        name = _notebook(key.value) if notebooks else (key.tag, key.value)
        line = key.start_mark.line + 1
        if isinstance(key, yaml.ScalarNode) and name in lines:
            raise ValueError(
                f"line {line}: {shown(key.value)} stands in line {lines[name]} already, and only "
                "one of the two would count"
            )
        if isinstance(key, yaml.ScalarNode):
            lines[name] = line


def _notebook(name: Any) -> str:
    try:
        return find_notebook(str(name)).stem
    except ValueError:  # which is refused when its grids are read
        return str(name)
