"""What the installation of Colab provides: the declared packages, those of the extra ``code``, and
theirs. Every notebook is run in tests as if there were no more.
"""

import tomllib
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions

from packaging.requirements import Requirement

from instrdiv.paths import project_root


def declared() -> set[str]:
    """All packages that the project declares and theirs, by their names in the index."""
    project = tomllib.loads((project_root() / "pyproject.toml").read_text(encoding="utf-8"))
    lines = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["code"]
    waiting = [Requirement(line) for line in lines]
    seen, found = set(), set()
    while waiting:
        needed = waiting.pop()
        extras = needed.extras or {""}
        if (needed.name, *extras) in seen:
            continue
        seen.add((needed.name, *extras))
        try:
            package = distribution(needed.name)
        except PackageNotFoundError:  # for another system
            continue
        found.add(canonical(needed.name))
        for requirement in map(Requirement, package.requires or ()):
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(requirement)
    return found


def canonical(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def beyond() -> list[str]:
    """Modules that are installed here and that the project's installation does not bring."""
    provided = declared()
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


def refusing() -> str:
    """Code after which a Python has no more than the project's own installation brings."""
    return REFUSE.format(modules=set(beyond()))
