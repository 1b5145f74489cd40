"""Under test, the functions that handle arrays and records check their arguments, shapes included.

The experiments' configs are left out: they check themselves, and tests look at how they refuse.
"""

from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest
from beartype import BeartypeConf, beartype
from filelock import FileLock
from jaxtyping import install_import_hook

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))  # an int will do for a float
CHECKED = [
    "tasks",
    "demo",
    "models",
    "runs",
    "statistics",
    "evaluation.exact_match",
    "training.loop",
]
install_import_hook([f"instrdiv.{name}" for name in CHECKED], "conftest.checked")
assert all(find_spec(f"instrdiv.{name}") for name in CHECKED), "a name that is none checks nothing"


LONGEST = [
    "test_pages.py",
    "test_notebooks.py",
    "test_lab.py",
    "test_bench.py",
    "test_own_task.py",
    "test_faults.py",
    "test_sweep.py",
    "test_hostile_records.py",
    "test_page_inputs.py",
    "test_hostile.py",
    "test_own_folders.py",
    "test_pretrained.py",
    "test_pdf_and_slides.py",
    "test_extraction.py",
    "test_live_page.py",
    "test_sandbox.py",
    "test_build.py",
    "test_loop.py",
    "test_resume.py",
]
"""By the time that they take, from the longest. The first builds the book, which takes a minute or
two; by the time that another worker comes to a file that needs it, it is there."""


@pytest.fixture(scope="module", autouse=True)
def precision(request):
    """What ``auto`` means meanwhile; a module marked ``arithmetic`` is run in each precision."""
    wanted = getattr(request, "param", None)
    with pytest.MonkeyPatch.context() as patch:
        if wanted:
            patch.setenv("INSTRDIV_PRECISION", wanted)
        yield wanted


@pytest.fixture(scope="session")
def html(tmp_path_factory, worker_id) -> Path:
    """The folder of pages of a whole new build, which is made once for all workers: whoever comes
    second waits for the first."""
    from instrdiv.publishing.build import build_book  # which few tests need

    if worker_id == "master":
        return build_book(tmp_path_factory.mktemp("book [ü]")).parent  # as folders are called
    shared = tmp_path_factory.getbasetemp().parent / "book [ü]"
    with FileLock(shared.with_suffix(".lock")):
        pages = shared / "_build" / "html"
        if not (shared / "built").exists():
            shared.mkdir(exist_ok=True)
            assert build_book(shared).parent == pages
            (shared / "built").touch()
    return pages


@pytest.fixture(scope="module")
def browser():
    """Chromium, for the tests of one file."""
    from in_browser import FLAGS, chromium  # which few tests need
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


def pytest_collection_modifyitems(items):
    """The files that take longest come first, so that all workers end at about the same time."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


def pytest_generate_tests(metafunc):
    if metafunc.definition.get_closest_marker("arithmetic"):
        metafunc.parametrize("precision", ["float32", "bfloat16"], indirect=True, scope="module")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """The last line says what was skipped and why, so that nothing is missing unseen."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []  # workers report to another
    reasons = Counter(str(each.longrepr[2]).removeprefix("Skipped: ") for each in skipped)
    if reasons:
        said = "; ".join(f"{number} ({reason})" for reason, number in sorted(reasons.items()))
        reporter.write_line(f"skipped: {said}")
