"""What the page on the architecture draws from the code: the packages and who imports whom.

A *walk* is a section of the page whose list names the functions that something passes through;
which packages it draws, and in which order, follows from that list.
"""

import ast
import re
from itertools import pairwise
from pathlib import Path

from instrdiv.publishing.api_pages import modules, packages, purpose, source_of

PAGE = "architecture.md"
WALK = re.compile(r"^## (From .*)$", re.MULTILINE)
NAMED = re.compile(r"\{py:obj\}`~?(instrdiv\.[\w.]+)`")

ROW, BOX, NEAR, FAR = 34, 130, 24, 260
"""In pixels: a package's row, its box's width, and how far arcs between them reach at least and
at most."""


def walks(page: str) -> dict[str, list[str]]:
    """By its title, the functions that each walk of the page names, in order.

    >>> walks("## From a to b\\n{py:obj}`~instrdiv.tasks.rules.Rules`\\n## The rest\\n")
    {'From a to b': ['instrdiv.tasks.rules.Rules']}
    """
    sections = re.split(r"^(?=## )", page, flags=re.MULTILINE)
    return {
        title[1]: NAMED.findall(section) for section in sections if (title := WALK.match(section))
    }


def imports(root: Path) -> set[tuple[str, str]]:
    """Pairs of packages of which the first imports the second, anywhere in its code."""
    known = set(packages(root))
    found = set()
    for package in known:
        for module in modules(root, package):
            for node in ast.walk(source_of(root, module)):
                match node:
                    case ast.ImportFrom(module="instrdiv"):
                        origins = [f"instrdiv.{alias.name}" for alias in node.names]
                    case ast.ImportFrom(module=str() as origin):
                        origins = [origin]
                    case ast.Import():
                        origins = [alias.name for alias in node.names]
                    case _:
                        continue
                parts = [origin.split(".") for origin in origins]
                found |= {
                    (package, part[1]) for part in parts if part[0] == "instrdiv" and part[1:]
                }
    return {(one, other) for one, other in found if other in known and other != one}


def write_architecture(root: Path, folder: Path) -> None:
    """Write what the page includes: a drawing for each walk, and the table of all packages."""
    arrows = imports(root)
    page = (root / "book" / PAGE).read_text(encoding="utf-8")
    for title, named in walks(page).items():
        passed = list(dict.fromkeys(name.split(".")[1] for name in named))
        drawing = drawn(title, passed, arrows)
        name = title.lower().replace(" ", "-").replace("'", "")
        file = folder / f"_{name}.md"
        file.write_text(f"```{{raw}} html\n{drawing}\n```\n", encoding="utf-8")
    (folder / "_packages.md").write_text(package_table(root, arrows), encoding="utf-8")


def package_table(root: Path, arrows: set[tuple[str, str]]) -> str:
    """Every package with its purpose and what it imports, as a Markdown table."""
    lines = ["| Package | What it is for | It imports |", "|---|---|---|"]
    for package in packages(root):
        imported = ", ".join(f"`{other}`" for one, other in sorted(arrows) if one == package)
        sentence = " ".join(purpose(root, f"instrdiv.{package}").split())
        lines.append(f"| [`{package}`](api/{package}.md) | {sentence} | {imported} |")
    return "\n".join(lines) + "\n"


def drawn(title: str, passed: list[str], arrows: set[tuple[str, str]]) -> str:
    """Packages in a column, as a walk passes them, and an arc from each to those it imports.

    An SVG within the page takes the page's own colours, light and dark.
    """
    among = sorted((passed.index(a), passed.index(b)) for a, b in arrows if {a, b} <= set(passed))
    sentences = ", ".join(f"{passed[a]} imports {passed[b]}" for a, b in among)
    height = ROW * len(passed)
    lines = [
        f'<svg class="packages" role="img" viewBox="0 0 {BOX + FAR} {height}" '
        f'width="{BOX + FAR}" aria-label="{title}, by the packages passed: {sentences}.">',
        f'<defs><marker id="tip-{passed[0]}" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6" '
        'markerHeight="6" orient="auto"><path d="M0 0L6 3L0 6Z"/></marker></defs>',
    ]
    longest = max([abs(a - b) for a, b in among] or [1])
    for a, b in among:
        reach = NEAR + (FAR - NEAR) * abs(a - b) / longest
        # Arcs leave a box above its middle and arrive below it, so that their ends stay apart.
        start, end = (ROW * a + 12, ROW * b + 20) if a > b else (ROW * a + 20, ROW * b + 12)
        lines.append(
            f'<path class="import" d="M{BOX} {start}C{BOX + reach:.0f} {start} '
            f'{BOX + reach:.0f} {end} {BOX} {end}" marker-end="url(#tip-{passed[0]})"/>'
        )
    for above, below in pairwise(range(len(passed))):
        middle = BOX / 2
        lines.append(f'<path class="next" d="M{middle} {ROW * above + 29}V{ROW * below + 3}"/>')
    for row, package in enumerate(passed):
        lines.append(f'<rect x="1" y="{ROW * row + 3}" width="{BOX - 2}" height="26" rx="4"/>')
        lines.append(f'<text x="{BOX / 2}" y="{ROW * row + 20}">{package}</text>')
    return "\n".join([*lines, "</svg>"])
