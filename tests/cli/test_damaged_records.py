"""Commands that read many records name each damaged one, and do all else."""

import pytest

from instrdiv.cli import main
from instrdiv.paths import sample_results
from instrdiv.runs.record import record_path

WHOLE, DAMAGED = sorted(
    path for folder in sample_results() for path in folder.glob("rule_diversity/demo/*.json")
)[:2]


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A results folder with a record and a damaged one."""
    results = tmp_path / "own"
    for original, end in ((WHOLE, None), (DAMAGED, 99)):
        path = record_path(results, "rule_diversity", "demo", original.stem)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(original.read_bytes()[:end])
    monkeypatch.setenv("INSTRDIV_RESULTS", str(results))
    return results


@pytest.mark.parametrize(
    ("command", "made"),
    [
        (["export", "--scale", "demo", "{folder}/runs.csv"], "runs.csv"),
        (["plot", "1", "--scale", "demo", "--out", "{folder}/runs.html"], "runs.html"),
        (["collect", "{folder}/own", "--results", "{folder}/all",
          "--figure", "{folder}/class.html"], "class.html"),
        (["status", "--grid", "{folder}/grids.yaml"], "grids.yaml"),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else "",
)  # fmt: skip
def test_it_is_named_once_and_all_else_is_done(command, made, own, tmp_path, capsys):
    (tmp_path / "grids.yaml").write_text("01: {demo: [{num_rules: [200]}]}", encoding="utf-8")
    assert main([each.format(folder=tmp_path) for each in command]) == 0
    error = capsys.readouterr().err
    assert error.count(f"{DAMAGED.name}") == 1 and (tmp_path / made).stat().st_size
    with pytest.raises(SystemExit):
        main([command[0], "--help"])
    assert "damaged record is left out and named" in capsys.readouterr().out
