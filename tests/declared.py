"""What an installation provides: the declared packages, those of some extras, and theirs.

Every notebook is run in tests as if there were no more than Colab installs, and what only reads
records as if there were no library of models.
"""

import tomllib
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

from packaging.requirements import Requirement

from instrdiv.paths import project_root

COLAB = ("models", "code")
"""The extras that a notebook in Colab installs."""


def declared(extras: tuple[str, ...] = COLAB) -> set[str]:
    """All packages that the project declares and theirs, by their names in the index.

    Args:
        extras: counted beside what every installation brings.
    """
    text = (project_root() / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    lines = [project["dependencies"], *(project["optional-dependencies"][name] for name in extras)]
    waiting = [Requirement(line) for group in lines for line in group]
    seen, found = set(), set()
    while waiting:
        needed = waiting.pop()
        asked = needed.extras or {""}
        if (needed.name, *asked) in seen:
            continue
        seen.add((needed.name, *asked))
        try:
            package = distribution(needed.name)
        except PackageNotFoundError:  # for another system
            continue
        found.add(canonical(needed.name))
        for requirement in map(Requirement, package.requires or ()):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in asked):
                waiting.append(requirement)
    return found


def canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def beyond(extras: tuple[str, ...] = COLAB) -> list[str]:
    """Modules that are installed here and that the project's installation does not bring."""
    provided = declared(extras)
    return sorted(
        module
        for module, packages in packages_distributions().items()
        if module != "instrdiv" and not provided & set(map(canonical, packages))
    )


REFUSE = """\
# Put before a notebook's first cell: what its installation does not bring is not found.
import sys


class Without:
    def __init__(self, finder, modules):
        self.finder, self.modules = finder, modules

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.modules:
            return None
        return self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)


sys.meta_path[:] = [Without(finder, {modules!r}) for finder in sys.meta_path]"""


def refusing(extras: tuple[str, ...] = COLAB) -> str:
    """Code after which a Python has no more than the project's own installation brings."""
    return REFUSE.format(modules=set(beyond(extras)))
