"""Figures: numbered, with their source, their data and a text alternative."""

import base64
import csv
import io
import re

import altair
import pandas as pd
import pytest

from instrdiv.charts.figure import FOR_PAGES, Figures, data_html, figure_html
from instrdiv.charts.theme import described


def test_a_chart_without_text_alternative_is_refused():
    chart = altair.Chart(pd.DataFrame({"x": [1]})).mark_bar()
    with pytest.raises(ValueError, match="needs a text alternative"):
        described(chart, "  ")
    assert described(chart, "One\n bar.").to_dict()["description"] == "One bar."


def test_figures_carry_their_number_their_source_and_their_data(capsys):
    bars = altair.Chart(pd.DataFrame({"x": [1, 2]})).mark_bar().encode(x="x:Q")
    shown = figure_html(bars, number="3.1", alt_text="Bars.", caption="Two.", source="Typed in.")
    for part in (
        'id="figure-3-1"',
        "Figure 3.1.",
        "Two.",
        "Typed in.",
        'download="figure-3-1.csv"',
    ):
        assert part in shown
    file = base64.b64decode(re.search('base64,([^"]+)', shown).group(1)).decode()
    assert file == "x\n1\n2\n"
    with pytest.raises(ValueError, match=r"figure 3.2 needs a caption"):
        figure_html(bars, number="3.2", alt_text="Bars.", caption=" ", source="")


def test_a_figure_keeps_its_number_when_its_cell_is_run_again(monkeypatch):
    bars = altair.Chart(pd.DataFrame({"x": [1, 2]})).mark_bar().encode(x="x:Q")
    monkeypatch.setenv(FOR_PAGES, "1")
    shown = []
    monkeypatch.setattr("instrdiv.charts.figure.display", lambda html: shown.append(html.data))
    figures = Figures("4")
    for name in ("Bars.", "A curve.", "Bars.", "A map.", "A curve."):
        figures.show(bars, alt=name, caption="Two.", source="Typed in.")
    numbers = [re.search('id="figure-4-(\\d)"', page).group(1) for page in shown]
    assert numbers == ["1", "2", "1", "3", "2"]


def test_no_cell_of_a_file_of_data_is_a_formula_or_hides_a_character():
    texts = ["=1+1", "+1", "-1", "@a", " \t=1", "\u202e=1", "\x1b[31m", "\uff1d1", "ab>cd", "a\nb"]
    rows = pd.DataFrame({"=text": texts, "n": range(len(texts))})
    shown = data_html(rows, title="Data", file="data.csv")
    file = base64.b64decode(re.search('base64,([^"]+)', shown).group(1)).decode()
    cells = list(csv.reader(io.StringIO(file)))
    assert cells[0] == ["'=text", "n"]
    assert [row[0] for row in cells[1:]] == [
        "'=1+1", "'+1", "'-1", "'@a", " \\t=1", "\\u202e=1", "\\x1b[31m", "'\uff1d1", "ab>cd",
        "a\\nb",
    ]  # fmt: skip
    assert [row[1] for row in cells[1:]] == [str(n) for n in range(len(texts))]


def test_long_data_are_a_file_alone():
    rows = pd.DataFrame({"x": range(1000)})
    shown = data_html(rows, title="Data", file="data.csv")
    assert "<table" not in shown and "1,000 rows" in shown and 'download="data.csv"' in shown
