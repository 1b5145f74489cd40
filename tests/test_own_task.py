"""A chapter of one's own, just as *A task of your own* says: typed in, run, swept, listed."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from own_checkout import copy_project, instrdiv

from instrdiv.paths import project_root
from instrdiv.runs.store import read_records

BLOCK = re.compile(r"```(?:python|yaml)\n# (\S+?)(?:: (parameters))?\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the project with the page's chapter typed in."""
    copy = copy_project(tmp_path_factory.mktemp("own"))
    page = (project_root() / "book" / "rerun.md").read_text(encoding="utf-8")
    section = page.split("## A task of your own")[1].split("\n## ")[0]
    cells = [new_markdown_cell("# At the first place")]
    for place, tag, text in BLOCK.findall(section):
        if place.endswith(".ipynb"):
            cells.append(new_code_cell(text, metadata={"tags": [tag] if tag else []}))
        elif place.endswith(".yaml"):
            with (copy / place).open("a", encoding="utf-8") as file:
                file.write("\n" + text)
        else:
            (copy / place).write_text(text, encoding="utf-8")
    notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, copy / "notebooks" / "09_first_place.ipynb")
    for side, listed in (("experiments", "experiment"), ("analysis", "analysis")):
        chapters = copy / "instrdiv" / side / "chapters.py"
        text = chapters.read_text(encoding="utf-8")
        text = text.replace("    domains,\n", "    domains,\n    first_place,\n")
        last = f"    domains.{listed},\n"
        text = text.replace(last, f"{last}    first_place.{listed},\n")
        chapters.write_text(text, encoding="utf-8")
    return copy


KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def test_it_takes_no_more_than_the_page_says(checkout):
    for side in ("experiments", "analysis"):
        code = (checkout / "instrdiv" / side / "first_place.py").read_text(encoding="utf-8")
        assert len([line for line in code.splitlines() if line.strip()]) <= 30


def test_its_grid_is_swept_and_each_run_reports_itself(checkout):
    swept = instrdiv(checkout, "sweep", "09", "--scale", "smoke")
    assert swept.returncode == 0, swept.stderr
    records, problems = read_records([checkout / "runs" / "results"], "first_place", "smoke")
    assert not problems and {record.config["num_rules"] for record in records} == {10, 50}
    assert {"unseen", "unseen_anywhere", "seen"} <= set(records[0].metrics)
    executed = sorted(
        (checkout / "runs" / "notebooks" / "09_first_place" / "smoke").glob("*.ipynb")
    )
    assert len(executed) == 2
    assert "vega" in executed[0].read_text(encoding="utf-8")


def test_a_setting_that_it_does_not_have_is_refused_before_anything_runs(checkout):
    refused = instrdiv(checkout, "run", "9", "--scale", "smoke", "-p", "num_rule", "3")
    assert refused.returncode == 2 and "did you mean 'num_rules'?" in refused.stderr


def test_a_notebook_that_no_list_names_is_told_where_to_add_it(checkout):
    (checkout / "notebooks" / "10_lost.ipynb").write_text(
        (checkout / "notebooks" / "09_first_place.ipynb").read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    lost = instrdiv(checkout, "run", "10_lost", "--scale", "smoke")
    assert lost.returncode == 2 and "instrdiv/experiments/chapters.py" in lost.stderr
