"""The API reference: a page for each package, written from its source without importing it.

Signatures and docstrings are read by `ast`, so that the reference needs no library of models, and
are put as Sphinx's own directives for Python, so that a name in backticks is a link. Sphinx's
autodoc would import every module, and sphinx-autoapi reads PyTorch's sources along with ours.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from sphinx.ext.napoleon import Config
from sphinx.ext.napoleon.docstring import GoogleDocstring

STYLE = Config(napoleon_use_ivar=True, napoleon_use_rtype=False)
LENGTHS = re.compile(r"\|(\w)\|")
"""As in |x|, a string's length, which reStructuredText would take for a substitution."""


def packages(root: Path) -> list[str]:
    """The names of the packages within ``instrdiv``, in alphabetical order."""
    return sorted(path.parent.name for path in (root / "instrdiv").glob("*/__init__.py"))


def modules(root: Path, package: str) -> list[str]:
    """The modules of a package, itself first, by their dotted names."""
    folder = root / "instrdiv" / package
    paths = folder.rglob("*.py") if package else folder.glob("*.py")
    places = [path.relative_to(root).with_suffix("").parts for path in paths]
    names = [".".join(place).removesuffix(".__init__") for place in places]
    return sorted(name for name in names if not name.endswith("__main__"))


def source_of(root: Path, module: str) -> ast.Module:
    """A module, parsed."""
    path = root.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


def purpose(root: Path, module: str) -> str:
    """The first sentence of a module's docstring."""
    return (ast.get_docstring(source_of(root, module)) or "").partition("\n\n")[0]


def write_api_pages(root: Path, folder: Path) -> None:
    """Write a page for each package, and one for the modules that are in none."""
    folder.mkdir()
    for package in packages(root):
        page = api_page(root, package, f"instrdiv.{package}")
        (folder / f"{package}.md").write_text(page, encoding="utf-8")
    first = api_page(root, "", "API reference")
    (folder / "index.md").write_text(first, encoding="utf-8")


def api_page(root: Path, package: str, title: str) -> str:
    """A page in MyST: what a package is for, then its modules one after another."""
    whole, *parts = modules(root, package)
    sections = [f"# {title}", described(root, whole)]
    if not package:
        sections.append("```{tableofcontents}\n```")
    for module in parts:
        sections += [f"## {module.removeprefix('instrdiv.')}", described(root, module)]
    return "\n\n".join(sections) + "\n"


def described(root: Path, module: str) -> str:
    """A module's docstring and its public members, as reStructuredText within MyST."""
    source = Qualified(module, source_of(root, module)).source
    lines = [f".. py:module:: {module}", "", *as_rst(ast.get_docstring(source)), ""]
    lines += members(source.body)
    return "\n".join(["````{eval-rst}", *lines, "````"])


class Qualified(ast.NodeTransformer):
    """A module whose annotations name our classes in full, so that each links to the right one:
    several modules have a class ``Config``."""

    def __init__(self, module: str, source: ast.Module) -> None:
        self.names: dict[str, str] = {}
        for statement in source.body:
            match statement:
                case ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
                    self.names[name] = f"{module}.{name}"
                case ast.ImportFrom(module=str() as origin) if origin.startswith("instrdiv"):
                    for alias in statement.names:
                        self.names[alias.asname or alias.name] = f"{origin}.{alias.name}"
        self.source = source
        for node in ast.walk(source):
            for part in ("annotation", "returns"):
                if annotation := getattr(node, part, None):
                    setattr(node, part, self.visit(annotation))

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id))


def members(body: list[ast.stmt], *, inside: bool = False) -> Iterator[str]:
    """The public functions, classes and described values of a module or class.

    Args:
        inside: of a class, whose fields are told without a description too.
    """
    for statement, after in zip(body, [*body[1:], None], strict=True):
        match statement:
            case ast.FunctionDef() if not statement.name.startswith("_"):
                yield from function(statement, inside)
            case ast.ClassDef() if not statement.name.startswith("_"):
                yield from entry("class", statement.name, ast.get_docstring(statement))
                yield from indented(members(statement.body, inside=True))
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                text = string_of(after)
                of_dataclass = inside and isinstance(statement, ast.AnnAssign)
                if not name.startswith("_") and (text or of_dataclass):
                    kind = "attribute" if inside else "data"
                    annotation = getattr(statement, "annotation", None)
                    typed = [f":type: {ast.unparse(annotation)}"] if annotation else []
                    yield from entry(kind, name, text, *typed)


def function(node: ast.FunctionDef, inside: bool) -> Iterator[str]:
    """A function, method or property with its signature."""
    decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
    text = ast.get_docstring(node)
    returned = ast.unparse(node.returns) if node.returns else ""
    if decorators & {"property", "cached_property"}:
        typed = [f":type: {returned}"] if returned else []
        yield from entry("property", node.name, text, *typed)
        return
    if inside and not decorators & {"staticmethod"}:
        arguments = node.args.posonlyargs or node.args.args
        del arguments[:1]  # self, or the class
    arrow = f" -> {returned}" if returned else ""
    options = [f":{name}:" for name in ("classmethod", "staticmethod") if name in decorators]
    kind = "method" if inside else "function"
    yield from entry(kind, f"{node.name}({ast.unparse(node.args)}){arrow}", text, *options)


def entry(kind: str, signature: str, text: str | None, *options: str) -> Iterator[str]:
    """One of Sphinx's directives for Python, with a docstring in it."""
    yield f".. py:{kind}:: {signature}"
    yield from indented([*options, "", *as_rst(text), ""])


def as_rst(docstring: str | None) -> list[str]:
    """A docstring in Google's style as lines of reStructuredText."""
    # Napoleon documents its own settings as what this takes, and declares all of Sphinx's.
    lines = GoogleDocstring(docstring or "", STYLE).lines()  # type: ignore[arg-type]
    return [line if line.lstrip().startswith(">>>") else LENGTHS.sub(r"\|\1\|", line)
            for line in lines]  # fmt: skip


def string_of(statement: ast.stmt | None) -> str | None:
    """The text of a statement that is nothing but a string: what describes the value before it."""
    match statement:
        case ast.Expr(value=ast.Constant(value=str() as text)):
            return "\n".join(line.strip() for line in text.splitlines())
    return None


def indented(lines: Iterator[str] | list[str]) -> Iterator[str]:
    yield from (f"   {line}" if line else "" for line in lines)
