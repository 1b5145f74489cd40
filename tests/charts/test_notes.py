"""Notes say what the lines of a figure do, and stand where nothing is drawn."""

import altair as alt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import as_runs

from instrdiv.charts import note_places
from instrdiv.charts.common import HEIGHT, rules_x, runs_chart
from instrdiv.charts.figure import drawn_data
from instrdiv.charts.note_places import CLEAR, WIDTHS, as_lines
from instrdiv.charts.notes import changes, widest_gap

NUMBERS = (10, 100, 1_000)
COLOR = alt.Color("kind:N", title="kind")
shares = st.lists(st.floats(0, 1), min_size=len(NUMBERS), max_size=len(NUMBERS))


def runs(**kinds):
    rows = [
        dict(key=f"{kind} {n}", kind=kind, num_rules=n, seed=0, score="unseen", share=share)
        for kind, line in kinds.items()
        for n, share in zip(NUMBERS, line, strict=True)
    ]
    return as_runs(rows).assign(correct=1, total=2)


def lines_of(table):
    return as_lines(table[table.score == "unseen"], x=rules_x(), color=COLOR)


def words(notes):
    return [(note.at, " ".join(note.words)) for note in notes]


def test_the_widest_gap_is_told_where_it_is_and_no_narrow_one():
    table = runs(high=(0.1, 0.9, 1), middle=(0, 0.5, 0.9), low=(0, 0.35, 0.8))
    noted = widest_gap("same rules")
    assert words(noted(lines_of(table))) == [(100, "same rules, 55 points apart")]
    assert not noted(lines_of(runs(one=(0, 0.5, 1), other=(0, 0.45, 0.95))))
    assert not noted(lines_of(runs(alone=(0, 0.5, 1))))


def test_a_change_is_told_at_the_end_of_its_line_with_its_direction():
    table = runs(down=(0.9, 1, 0.6), level=(0.5, 0.9, 0.5), up=(0.2, 0, 0.21))
    said = ["falls 30 points", "ends as it begins", "rises 1 point"]
    assert words(changes(lines_of(table))) == [(1_000, each) for each in said]


@settings(deadline=None, max_examples=30)
@given(first=shares, second=shares, third=shares)
def test_no_note_stands_on_a_line_or_on_another_note(first, second, third):
    lines = lines_of(runs(a=first, b=second, c=third))
    notes = [*widest_gap("same number of rules")(lines), *changes(lines)]
    axis = note_places._axis(rules_x(), lines["at"])
    placed = note_places._placed(notes, axis, lines, HEIGHT)
    for width in WIDTHS:
        points = note_places._points(lines, width, HEIGHT)
        boxes = [
            note_places._box(note, place, axis(note.at) * width, (1 - note.share) * HEIGHT)
            for note, place in placed
        ]
        for number, (left, top, right, bottom) in enumerate(boxes):
            assert left >= 0 and top >= 0 and right <= width and bottom <= HEIGHT
            for x, y in points:
                assert not (left - CLEAR < x < right + CLEAR and top - CLEAR < y < bottom + CLEAR)
            for other in boxes[:number]:
                apart = (other[2] <= left, right <= other[0], other[3] <= top, bottom <= other[1])
                assert any(apart)


@pytest.mark.parametrize("table", [runs(alone=(0, 0, 1)), runs(a=(0, 0, 0), b=(1, 1, 1))[:0]])
def test_a_figure_with_nothing_to_note_can_be_drawn(table):
    chart = runs_chart(table, x=rules_x(), by=COLOR, scores=["unseen"], notes=widest_gap("same"))
    assert "points apart" not in chart.to_json()


def test_notes_are_no_data_of_a_figure_and_say_nothing_of_a_run_outside_the_grid():
    table = runs(high=(0, 0.9, 1), low=(0, 0.4, 1), other=(0, 0, 0))
    table = table.assign(outside=table.kind == "other")
    chart = runs_chart(table, x=rules_x(), by=COLOR, scores=["unseen"], notes=widest_gap("same"))
    assert ["same, 50", "points apart"] in [
        row["words"]
        for layer in chart.to_dict()["layer"]
        if layer.get("data", {}).get("name") == "notes"
        for row in layer["data"]["values"]
    ]
    assert all("words" not in rows for rows in drawn_data(chart))
