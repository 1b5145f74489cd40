"""The picture in the README: the front page's figure, as files that GitHub shows.

GitHub runs no scripts, and shows one file on light pages and another on dark ones. As a program,
this module draws both from the published records::

    python -m instrdiv.publishing.readme_figure
"""

import json
from pathlib import Path

import altair as alt
import vl_convert

from instrdiv.analysis.rule_diversity import AXES, one_budget
from instrdiv.charts.front import front_chart
from instrdiv.charts.theme import GREY
from instrdiv.experiments.rule_diversity import experiment
from instrdiv.paths import project_root, published_results
from instrdiv.report.recorded import comparable_records
from instrdiv.runs.store import read_records, score_table
from instrdiv.statistics.threshold import fit_each

SCALE = "laptop"
INKS = {"front-light.svg": "#57606a", "front-dark.svg": "#c9d1d9"}
"""For each file, the colour of words and axes on GitHub's pages."""


def pictures() -> Path:
    """The folder of the files."""
    return project_root() / "book" / "pictures"


def readme_chart() -> alt.LayerChart:
    """The front page's figure from the published runs with the paper's optimiser alone.

    A reader's own runs, which join the page's figure, are left out.
    """
    published, _ = read_records([published_results()], experiment.name, SCALE)
    keys = {record.key for record in published}
    recorded = comparable_records(experiment, SCALE, AXES)
    runs = one_budget(score_table([record for record in recorded if record.key in keys]))
    runs = runs[runs.optimizer == "adamw"]
    return front_chart(runs, fit_each(runs, "optimizer").get("adamw")).properties(width=720)


def drawn(chart: alt.LayerChart, ink: str) -> str:
    """A chart as SVG without a background, its words and axes in one colour."""
    spec = chart.to_dict()
    spec["config"] = json.loads(json.dumps(spec["config"]).replace(GREY, ink))
    return vl_convert.vegalite_to_svg(
        spec, vl_version=".".join(alt.VEGALITE_VERSION.split(".")[:2])
    )


def main() -> None:
    """Draw both files anew."""
    chart = readme_chart()
    pictures().mkdir(exist_ok=True)
    for name, ink in INKS.items():
        (pictures() / name).write_text(drawn(chart, ink) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
