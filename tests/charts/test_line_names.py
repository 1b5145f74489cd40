"""Names of lines stand beside the lines' ends, in their order, and never touch each other."""

from itertools import pairwise

import altair as alt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import as_runs

from instrdiv.charts.common import rules_x, runs_chart
from instrdiv.charts.figure import drawn_data
from instrdiv.charts.line_names import BETWEEN, LINE, MOST_NAMES, place_again, spaced

tops = st.lists(st.floats(0, 340), min_size=1, max_size=MOST_NAMES)


@given(wanted=tops, lines=st.lists(st.integers(1, 2), min_size=MOST_NAMES, max_size=MOST_NAMES))
def test_names_keep_their_order_and_their_distance(wanted, lines):
    wanted, heights = sorted(wanted), [LINE * number for number in lines[: len(wanted)]]
    middles = spaced(wanted, heights, 340)
    for above, below, high, low in zip(middles, middles[1:], heights, heights[1:], strict=False):
        assert below - above >= (high + low) / 2 + BETWEEN - 1e-6
    assert middles[0] >= 0 and middles[-1] <= 340


@given(wanted=tops)
def test_names_with_room_stand_where_their_lines_end(wanted):
    apart = [20.0 * number for number, _ in enumerate(wanted)]
    assert spaced(apart, [LINE] * len(apart), 340) == pytest.approx(apart)


def runs(names, outside=()):
    rows = [
        dict(key=f"{name} {n}", kind=name, num_rules=n, seed=0, score="unseen", share=share / n)
        for share, name in enumerate([*names, *outside], start=1)
        for n in (10, 100)
    ]
    return as_runs(rows).assign(correct=1, total=2, outside=lambda t: t.kind.isin(outside))


def drawn(table):
    chart = runs_chart(table, x=rules_x(), by=alt.Color("kind:N", title="kind"), scores=["unseen"])
    spec = chart.to_dict()
    names = [
        row["words"]
        for layer in spec["layer"]
        for row in layer.get("data", {}).get("values", [])
        if layer["data"]["name"] == "names"
    ]
    legends = [layer["encoding"].get("color", {}).get("legend", "shown") for layer in spec["layer"]]
    return chart, names, "shown" in legends[:3]


def test_few_short_names_stand_beside_their_lines_in_place_of_a_legend():
    chart, names, legend = drawn(runs(["low", "high"]))
    assert names == [["high"], ["low"]] and not legend
    assert all("words" not in rows for rows in drawn_data(chart)), "names are no data of a figure"


def test_numbers_can_be_names():
    _, names, legend = drawn(runs([0.1, 0.5]))
    assert sorted(names) == [["0.1"], ["0.5"]] and not legend


@pytest.mark.parametrize(
    ("names", "outside"),
    [
        (["alone"], []),
        ([str(number) for number in range(MOST_NAMES + 1)], []),
        (["short", "a name that takes far more letters than there is room for"], []),
        (["low", "high"], ["not in the grid"]),
    ],
)
def test_other_names_need_a_legend(names, outside):
    _, beside, legend = drawn(runs(names, outside))
    assert not beside and legend


def test_a_figure_without_runs_can_be_drawn():
    assert drawn(runs(["low", "high"])[:0])[1] == []


def test_names_keep_their_distance_in_a_chart_that_is_drawn_lower():
    spec = drawn(runs(["one", "two", "three", "four"]))[0].to_dict()
    place_again(spec, 150)
    tops = [
        row["top"]
        for layer in spec["layer"]
        if layer.get("data", {}).get("name") == "names"
        for row in layer["data"]["values"]
    ]
    assert all(below - above >= LINE for above, below in pairwise(tops))
    assert max(tops) <= 150
