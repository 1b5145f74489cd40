"""Under test, the functions that handle arrays and records check their arguments, shapes included.

The experiments' configs are left out: they check themselves, and tests look at how they refuse.
"""

from collections import Counter

import pytest
from beartype import BeartypeConf, beartype
from jaxtyping import install_import_hook

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))  # an int will do for a float
CHECKED = ["tasks", "models", "runs", "transition", "training.evaluation", "training.loop"]
install_import_hook([f"instrdiv.{name}" for name in CHECKED], "conftest.checked")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """The last line says what was skipped and why, so that nothing is missing unseen."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []  # workers report to another
    reasons = Counter(str(each.longrepr[2]).removeprefix("Skipped: ") for each in skipped)
    if reasons:
        said = "; ".join(f"{number} ({reason})" for reason, number in sorted(reasons.items()))
        reporter.write_line(f"skipped: {said}")
