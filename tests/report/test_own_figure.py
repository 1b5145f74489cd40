"""A figure of any runs along any setting: which runs are in it, which are not, and why."""

import json
import re

import pytest
from in_browser import FLAGS, chromium
from made_up import by_the_preset
from playwright.sync_api import sync_playwright

from instrdiv.charts.own import file_content, own_chart, write_chart
from instrdiv.charts.setting_words import WORDS, in_words
from instrdiv.cli import main
from instrdiv.experiments.chapters import EXPERIMENTS
from instrdiv.experiments.points import every_setting
from instrdiv.experiments.rule_diversity import experiment
from instrdiv.report.all_runs import PUBLISHED, all_runs
from instrdiv.report.own_figure import select_runs


@pytest.fixture(scope="module")
def runs():
    found, problems = all_runs([experiment], ["laptop"])
    assert not problems
    return found


def selected(runs, **changed):
    given = dict(axes=["num_rules"], fixed={}, only={}) | changed
    return select_runs(experiment, "laptop", runs, **given)


def test_runs_differ_from_the_preset_in_the_axes_and_seeds_alone(runs):
    table = selected(runs).table
    preset = vars(experiment.configure("laptop"))
    for name, value in preset.items():
        if name not in ("num_rules", "seed", "weight_seed", "precision"):
            assert set(table[name].dropna()) <= {value}, name
    assert table.num_rules.nunique() > 5 and table.seed.nunique() > 1


def test_every_run_is_in_the_figure_or_left_out_for_a_reason_that_is_said(runs):
    for color in (["optimizer"], ["warmup_share"]):
        selection = selected(runs, axes=["num_rules", *color])
        said = [int(re.match(r"([\d,]+) runs?\b", line)[1]) for line in selection.left_out]
        assert selection.number + sum(said) == len(runs)
        assert said[:-1] == sorted(said[:-1], reverse=True) and len(said) <= 8


def test_a_preset_that_depends_on_an_axis_is_followed(runs):
    """With Muon the laptop preset has fewer steps, and its runs are no less at the preset."""
    table = selected(runs, axes=["num_rules", "optimizer"]).table
    assert set(table.optimizer) == {"adamw", "muon"} and table.steps.nunique() == 2


def test_other_values_than_the_presets_are_drawn_on_request(runs):
    fixed = {"optimizer": "muon", "precision": "bfloat16", "warmup_share": 0.3}
    table = selected(runs, fixed=fixed, only={"num_rules": [300]}).table
    assert set(table.warmup_share) == {0.3} and set(table.num_rules) == {300}


def test_a_reason_names_the_setting_with_both_values(runs):
    reasons = "\n".join(selected(runs, fixed={"optimizer": "muon"}).left_out)
    assert "optimizer='adamw' in place of 'muon'" in reasons


def test_runs_of_an_earlier_protocol_are_left_out(runs):
    (_, record), *_ = runs
    old = type(record)(**vars(record) | {"protocol": 0})
    selection = selected([(PUBLISHED, old)])
    assert not selection.number and "of protocol 0" in selection.left_out[0]


@pytest.mark.parametrize("each", EXPERIMENTS, ids=lambda each: each.name)
def test_every_setting_has_words_for_an_axis(each):
    for name in every_setting(each, dict.fromkeys(each.config.__dataclass_fields__)):
        assert name in WORDS and in_words(name)[0] != " "


@pytest.mark.parametrize("x", ["num_rules", "optimizer", "weight_seed", "warmup_share"])
def test_any_setting_can_be_either_axis(x, runs):
    color = "num_rules" if x != "num_rules" else "optimizer"
    table = selected(runs, axes=[x, color]).table
    spec = own_chart(table, x=x, color=color, scores=["unseen", "seen"], title=["T"]).to_dict()
    encoding = spec["layer"][0]["encoding"]
    assert encoding["x"]["field"] == x and encoding["color"]["field"] == color
    titles = json.dumps([encoding["x"], encoding["color"]], ensure_ascii=False)
    assert in_words(x) in titles and in_words(color) in titles


@pytest.mark.parametrize(
    ("x", "joined"), [("num_rules", True), ("optimizer", False), ("weight_seed", False)]
)
def test_lines_join_what_has_something_in_between_and_no_categories(x, joined, runs):
    table = selected(runs, axes=[x]).table
    for scores in (["unseen"], ["unseen", "seen"]):
        spec = own_chart(table, x=x, color=None, scores=scores, title=["T"]).to_dict()
        marks = [layer["mark"]["type"] for layer in spec["layer"]]
        assert ("line" in marks) == joined and marks.count("point") == (1 if joined else 2)


def test_a_figure_is_written_as_each_kind_of_file_that_needs_no_network(tmp_path, capsys):
    for name in ("f.svg", "f.png", "f.html"):
        command = ["plot", "05", "--x", "num_rules", "--colour", "occurrences"]
        assert main([*command, "--out", str(tmp_path / name)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"\d+ runs, 0 of them your own: .*f\.svg", said)
    drawn = (tmp_path / "f.svg").read_text(encoding="utf-8")
    assert "different rules in training" in drawn and "occurrences of x in an input" in drawn
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    page = (tmp_path / "f.html").read_text(encoding="utf-8")
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)


def test_a_figure_that_cannot_be_written_leaves_nothing_half_written(runs, tmp_path):
    chart = own_chart(
        selected(runs).table, x="num_rules", color=None, scores=["unseen"], title=["T"]
    )
    folder = tmp_path / "figure.html"
    folder.mkdir()
    with pytest.raises(OSError, match="figure"):
        write_chart(chart, folder)
    assert list(tmp_path.iterdir()) == [folder]


def test_no_text_of_a_record_closes_the_script_of_a_page(runs):
    table = selected(runs, only={"num_rules": [10]}).table.assign(activation="</script><b>&")
    chart = own_chart(table, x="activation", color=None, scores=["unseen"], title=["</title><b>"])
    page = file_content(chart, ".html").decode()
    assert page.count("</script>") == 2 and "<b>" not in page.split("(function(){")[0]
    assert "<b>&" not in page and b"<b>&" not in file_content(chart, ".svg")


def test_a_page_draws_its_figure_in_a_browser_without_a_network(runs, tmp_path):
    path = tmp_path / "figure.html"
    write_chart(
        own_chart(selected(runs).table, x="num_rules", color=None, scores=["unseen"], title=["T"]),
        path,
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_context(offline=True, viewport={"width": 390, "height": 700}).new_page()
        page.goto(path.as_uri())
        figure = page.wait_for_selector("#figure svg")
        drawn, box = figure.text_content(), figure.bounding_box()
        browser.close()
    assert "different rules in training" in drawn
    assert box and box["x"] >= 0 and 300 < box["width"] <= 390 - box["x"], "it fits a phone"


def test_ones_own_runs_are_counted_and_can_be_drawn_alone(tmp_path, capsys):
    original = by_the_preset("occurrences", "laptop")[0]
    target = tmp_path / "occurrences" / "laptop" / original.name
    target.parent.mkdir(parents=True)
    target.write_bytes(original.read_bytes())
    command = ["plot", "05", "--own", "--results", str(tmp_path)]
    config = json.loads(original.read_text(encoding="utf-8"))["config"]
    fixed = ["-p", "occurrences", json.dumps(config["occurrences"])]
    assert main([*command, *fixed]) == 0
    written = tmp_path / "figures" / "05_occurrences-laptop-num_rules.svg"
    assert f"1 run, 1 of them your own: {written}" in capsys.readouterr().out
    target.write_text("{}", encoding="utf-8")
    assert main(command) == 2
    error = capsys.readouterr().err
    assert f"{original.name}: not a record" in error and "nothing was written" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--x", "z_lenght"], "did you mean 'z_length'?"),
        (["--x", "z_length", "--colour", "z_length"], "z_length is given as two axes"),
        (["--x", "z_length", "-p", "z_length", "9"], "z_length is an axis of the figure and given"),
        (["--x", "num_rules", "--out", "f.pdf"], "f.pdf: a name that ends in .svg, .png, .html"),
        (["--only", "num_rules=x"], "num_rules='x': a whole number is needed"),
        (["--scale", "labtop"], "did you mean 'laptop'?"),
        (["--score", "unsen"], "no run has a score 'unsen'; there are seen, training, unseen"),
    ],
)
def test_a_slip_is_one_line(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["plot", "01", *arguments]) == 2
    error = capsys.readouterr().err.splitlines()
    assert said in error[-1] and not [line for line in error[:-1] if "left out" not in line]
    assert not list(tmp_path.iterdir())
