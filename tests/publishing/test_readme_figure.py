"""The README's picture is what the published records give, on light pages and on dark ones."""

import re

import pytest

from instrdiv.charts.front import ZONES
from instrdiv.paths import project_root
from instrdiv.publishing.readme_figure import INKS, drawn, pictures, readme_chart

MARKER = re.compile(
    r'aria-label="[^"]*: ([\d,\u202f]+); right answers: ([\d.]+)\s*%; '
    r'the model is tested on: ([^";]+)[^"]*" role="graphics-symbol" aria-roledescription="point"'
)
ZONE = re.compile(r'aria-label="from: ([\d.]+); to: ([\d.]+)"')
FRESH = "python -m instrdiv.publishing.readme_figure draws it anew"


@pytest.fixture(scope="module")
def chart():
    return readme_chart()


def markers(svg: str) -> list[tuple[int, float, str]]:
    """Number of rules, percent of right answers and kind of rules of each marker in a picture."""
    found = MARKER.findall(svg)
    return sorted((int(re.sub(r"\D", "", n)), float(share), tested) for n, share, tested in found)


@pytest.mark.parametrize("name", INKS)
def test_the_committed_picture_shows_the_published_runs_and_their_threshold(name, chart):
    svg = (pictures() / name).read_text(encoding="utf-8")
    runs, zones = chart.layer[1].data, chart.layer[3].data
    of_records = sorted(
        (int(row.num_rules), round(100 * row.share, 6), row.tested) for row in runs.itertuples()
    )
    assert markers(svg) == of_records, FRESH
    ends = zones.loc[zones.zone == "threshold", ["from", "to"]].to_numpy()[0]
    assert [float(end) for end in ZONE.search(svg).groups()] == pytest.approx(ends, rel=1e-3), FRESH
    assert all(f">{word}<" in svg for word in ZONES)


@pytest.mark.parametrize(("name", "ink"), INKS.items())
def test_a_picture_differs_from_a_fresh_one_in_nothing_but_what_is_written_or_counted(
    name, ink, chart
):
    """Machines differ in the last digits of positions; marks, colours and words must be equal."""

    def structure(svg: str) -> str:
        return re.sub(r"-?\d[\d.]*(e-?\d+)?", "0", svg).strip()

    svg = (pictures() / name).read_text(encoding="utf-8")
    assert structure(svg) == structure(drawn(chart, ink)), FRESH


def test_the_readme_shows_both_pictures_and_says_what_they_show():
    readme = (project_root() / "README.md").read_text(encoding="utf-8")
    assert all(f'"book/pictures/{name}"' in readme for name in INKS)
    assert re.search(r'<img alt="[^"]{80,}"', readme)
