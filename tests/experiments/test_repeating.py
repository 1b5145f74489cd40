"""A published run made again: its scores, and the range that those of other seeds leave."""

import json
import re

import pytest

from instrdiv.cli import main
from instrdiv.experiments import recording, repeating
from instrdiv.experiments.recording import recorded_or_run
from instrdiv.experiments.rule_diversity import experiment
from instrdiv.paths import project_root
from instrdiv.runs.record import record_path
from instrdiv.statistics.scores import Score


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Three seeds of a run of a second, as if the book had published them."""
    folder = tmp_path / "published"
    monkeypatch.setattr(repeating, "published_results", lambda: folder)
    monkeypatch.setattr(recording, "published_results", lambda: folder)
    records = [
        recorded_or_run(
            experiment, "smoke", experiment.configure("smoke", steps=20, seed=seed), folder
        )
        for seed in (0, 1, 2)
    ]
    return folder, records


def test_a_run_made_again_on_the_same_machine_has_the_published_scores(published, tmp_path, capsys):
    _, records = published
    assert main(["repeat", records[0].key[:10], "--results", str(tmp_path / "again")]) == 0
    printed = capsys.readouterr().out
    for name, counts in records[0].metrics.items():
        score = f"{counts['correct']}/{counts['total']}"
        assert f"{name}: published {score}, again {score} (0.0 percentage points)" in printed
    assert "2 other seeds" in printed and "0 of 1 runs have a score outside" in printed
    assert record_path(tmp_path / "again", "rule_diversity", "smoke", records[0].key).exists()


def test_a_run_without_other_published_seeds_is_not_said_to_lie_within_their_range(
    published, tmp_path, capsys
):
    folder, records = published
    for record in records[1:]:
        record_path(folder, "rule_diversity", "smoke", record.key).unlink()
    assert main(["repeat", records[0].key, "--results", str(tmp_path / "again")]) == 0
    printed = capsys.readouterr().out
    assert "0 of 0 runs have a score outside" in printed and "1 more have no other" in printed


@pytest.mark.parametrize(
    ("again", "said"), [(4_999, "0.0"), (5_000, "0.0"), (5_001, "0.0"), (4_990, "-0.1")]
)
def test_a_difference_that_prints_as_zero_has_no_sign(again, said):
    line = str(repeating.Repeated("unseen", Score(5_000, 10_000), Score(again, 10_000), ()))
    assert f"({said} percentage points)" in line


def test_a_score_outside_the_range_of_all_seeds_is_counted(published, tmp_path, capsys):
    folder, records = published
    for record in records:  # what the book would show if all of these models had done far better
        path = record_path(folder, "rule_diversity", "smoke", record.key)
        changed = json.loads(path.read_text())
        total = changed["metrics"]["seen"]["total"]
        changed["metrics"]["seen"]["correct"] = total
        path.write_text(json.dumps(changed))
    assert main(["repeat", records[0].key, "--results", str(tmp_path / "again")]) == 0
    assert "1 of 1 runs have a score outside" in capsys.readouterr().out


def test_an_unknown_key_stops_before_any_run_is_made(published, tmp_path, capsys):
    folder, records = published
    beginning = records[1].key[:8]
    (folder / "rule_diversity" / "smoke" / f"{beginning}.json").touch()
    wrong = {
        "0123": "no published run has the key '0123'",
        "": "no published run has the key ''",
        beginning: f"2 published runs have a key that begins with '{beginning}', such",
    }
    for key, why in wrong.items():
        given = ["repeat", records[0].key, key, "--results", str(tmp_path / "again")]
        assert main(given) == 2
        assert why in capsys.readouterr().err and not (tmp_path / "again").exists()


def test_one_seed_alone_leaves_no_range():
    assert repeating.Repeated("unseen", Score(1, 9), Score(8, 9), ()).within is None


def test_the_keys_that_pages_name_are_those_of_published_runs():
    named = [
        key
        for page in (project_root() / "book").glob("*.md")
        for key in re.findall(r"instrdiv repeat ([0-9a-f]+)", page.read_text(encoding="utf-8"))
    ]
    assert named
    for key in named:
        point, record = repeating.find_published(key)
        assert point.key == record.key and record.key.startswith(key)
