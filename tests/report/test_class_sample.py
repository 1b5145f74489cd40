"""Ten students' folders: real runs of the demo scale, which one command makes into a figure."""

import json
import shutil

import pytest

from instrdiv.cli import main
from instrdiv.experiments.points import key_of
from instrdiv.experiments.rule_diversity import experiment
from instrdiv.paths import project_root
from instrdiv.runs.record import read_record
from instrdiv.sweep.grids import read_grids

SAMPLE = project_root() / "book" / "data" / "class"
FOLDERS = sorted(path for path in SAMPLE.iterdir() if path.is_dir())
RECORDS = [read_record(path) for path in sorted(SAMPLE.glob("*/*/*/*.json"))]
FEW, MIDDLE, MANY = sorted(
    {point.config.num_rules for point in read_grids()["01_rule_diversity"]["demo"]}
)


def share(record, score):
    counts = record.metrics[score]
    return counts["correct"] / counts["total"]


def shares(number, score):
    return [share(r, score) for r in RECORDS if r.config["num_rules"] == number]


def test_ten_students_made_a_run_at_the_middle_with_a_seed_of_their_own():
    assert len(FOLDERS) == 10 == len(shares(MIDDLE, "unseen"))
    seeds = [r.config["seed"] for r in RECORDS if r.config["num_rules"] == MIDDLE]
    assert len(set(seeds)) == 10


def test_they_are_runs_of_the_demo_preset_made_by_committed_code():
    for record in RECORDS:
        config = experiment.configure(
            "demo", num_rules=record.config["num_rules"], seed=record.config["seed"]
        )
        assert key_of(experiment, config) == record.key
        assert not record.provenance["commit"].endswith("+")
        assert record.provenance["threads"] == 1 and record.provenance["cpu_seconds"] <= 60


def test_the_sample_shows_what_the_page_says():
    assert min(share(record, "training") for record in RECORDS) >= 0.97
    assert min(share(record, "seen") for record in RECORDS) >= 0.95
    assert len(shares(FEW, "unseen")) > 1 and len(shares(MANY, "unseen")) > 1
    assert max(shares(FEW, "unseen")) <= 0.02
    assert min(shares(MANY, "unseen")) >= 0.8
    assert max(shares(MIDDLE, "unseen")) - min(shares(MIDDLE, "unseen")) >= 0.2


def test_rounding_moves_no_run_as_far_as_a_seed_does():
    rounded = [read_record(path) for path in sorted(SAMPLE.parent.glob("class-bfloat16/*/*/*"))]
    by_seed = {r.config["seed"]: r for r in RECORDS if r.config["num_rules"] == MIDDLE}
    assert len(rounded) == 3 and {r.provenance["precision"] for r in rounded} == {"bfloat16"}
    for record in rounded:
        exact = by_seed[record.config["seed"]]
        assert exact.provenance["precision"] == "float32"
        assert abs(share(record, "unseen") - share(exact, "unseen")) <= 0.05


def test_the_page_and_the_readme_name_the_middle_number():
    for page in ("book/teaching.md", "README.md"):
        text = (project_root() / page).read_text(encoding="utf-8")
        assert f"--scale demo -p num_rules {MIDDLE} " in text


def test_one_command_makes_their_figure_though_three_folders_are_wrong(tmp_path, capsys):
    handed_in = tmp_path / "handed-in"
    shutil.copytree(SAMPLE, handed_in, ignore=shutil.ignore_patterns("*.md"))
    first, second, *_ = sorted(handed_in.iterdir())  # of ann and bob
    broken = next(first.glob("*/*/*.json"))
    broken.write_text(broken.read_text(encoding="utf-8")[:99], encoding="utf-8")
    twice = next(second.glob("*/*/*.json"))
    shutil.copytree(second, handed_in / "zoe")
    (handed_in / "empty").mkdir()
    figure = tmp_path / "class.html"
    command = ["collect", *map(str, sorted(handed_in.iterdir())), str(tmp_path / "gone")]
    assert main([*command, "--results", str(tmp_path / "course"), "--figure", str(figure)]) == 0
    said = capsys.readouterr()
    lines = said.err.splitlines()
    copies = len(list((handed_in / "zoe").glob("*/*/*.json")))
    assert len(lines) == 3 + copies
    for part in (
        broken.name,
        f"{twice.stem}: there already",
        "empty: no records",
        "gone: there is",
    ):
        assert any(part in line for line in lines), part
    assert f"{len(RECORDS) - 1} runs drawn" in said.out
    spec = figure.read_text(encoding="utf-8").rsplit('vegaEmbed("#figure", ', 1)[1]
    spec, _ = json.JSONDecoder().raw_decode(spec)
    drawn = {row["key"] for rows in spec["datasets"].values() for row in rows}
    assert drawn == {record.key for record in RECORDS} - {broken.stem}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_a_students_folder_is_small(folder):
    assert sum(path.stat().st_size for path in folder.rglob("*.json")) < 60_000
