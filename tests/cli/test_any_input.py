"""Whatever is typed or stands in a file: a clear error, and no traceback, hang or silence."""

import contextlib
import gzip
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instrdiv.checks import shown
from instrdiv.cli import main
from instrdiv.cli.options import listed_values, read_value
from instrdiv.data.instruction_sources import (
    DataError,
    read_code_alpaca,
    read_flan_chains,
    read_jsonl,
    read_t0,
)
from instrdiv.experiments.chapters import EXPERIMENTS
from instrdiv.experiments.points import every_setting, make_point
from instrdiv.paths import published_results
from instrdiv.runs.record import RecordError, read_record
from instrdiv.runs.store import curve_table, score_table
from instrdiv.sweep.grids import read_grids
from instrdiv.tasks.answers import ANSWER_KINDS, kind_of_answer, parse_prompt
from instrdiv.untrusted import visible

some = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda each: (
        st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3)
    ),
)
NASTY = [
    5, -1, 0, -0.0, 0.5, 1e308, 5e-324, 2**63, 10**4_000, True, None, "", "x", "\0", "\ud800",
    "\x1b[31m", "9" * 5_000, "[" * 100_000, "~", "~nobody-of-this-name", "/", "../..", "a/" * 3_000,
    [], [[]], [5], ["x"], [None], [[["x"]]], {}, {"a": 1}, [1.5] * 1_000,
]  # fmt: skip


def refusal(action, *arguments):
    """The message of the error that an action raises; None if there is none."""
    try:
        action(*arguments)
    except (ValueError, OSError) as error:
        return str(error)
    return None


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda each: each.name)
def test_any_value_of_any_setting_is_accepted_or_named(experiment):
    names = every_setting(experiment, dict.fromkeys(experiment.config.__dataclass_fields__, None))
    for name in names:
        for value in NASTY:
            said = refusal(make_point, experiment.notebook, "smoke", {name: value})
            if said is not None:
                assert len(said) < 700, name
                assert name.rstrip("s") in said or shown(value)[:20] in said, (name, value, said)


@some
@given(text=st.text() | JSON.map(json.dumps))
def test_any_text_is_a_value_or_a_list_of_values(text):
    assert isinstance(listed_values(text), list)
    with contextlib.suppress(ValueError):
        assert read_value(text) == json.loads(text) or "NaN" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "06", "-p", "target_modules", "5"], "target_modules=5: a list of strings"),
        (["run", "06", "-p", "target_modules", "q_proj"], "target_modules='q_proj': a list of"),
        (["run", "01", "-p", "seed", "9" * 5_000], "seed='999"),
        (["run", "01", "-p", "x" * 5_000, "1"], "unknown parameter"),
        (["run", "01", "-p", "learning_rate", "1" + "0" * 400], "at most 9223372036854775807"),
        (["run", "06", "-p", "model", "\udcff/"], r"\udcff"),
        (["run", "06", "-p", "model", "./" + "x" * 5_000], "File name too long"),
        (["sweep", "all", "--scale", "labtop"], "unknown scale 'labtop'; did you mean 'laptop'?"),
        (["sweep", "01", "--only", "seed=x"], "seed='x': a whole number is needed"),
        (["sweep", "04", "--only", "families=periodic"], "families='periodic': a list of strings"),
        (["sweep", "01", "--seeds", "0", "--only", "seed=1"], "one of them is enough"),
    ],
)
def test_a_slip_is_one_short_line_that_names_it(arguments, said, capsys):
    assert main([*arguments, "--dry-run"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("instrdiv: ") and error.count("\n") == 1 and said in error
    assert len(error) < 900 and error.isascii()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep", "01", "--seeds", "0,1,x"], "'x': a whole number from 0 is needed"),
        (["sweep", "01", "--seeds", "0,,1"], "'': a whole number from 0 is needed"),
        (["sweep", "01", "--seeds", "²"], "a whole number from 0 is needed"),
        (["sweep", "01", "--only", "seed=1", "--only", "seed=2"], "--only 'seed': given twice"),
        (["run", "01", "-p", "seed", "1", "-p", "seed", "2"], "--parameter 'seed': given twice"),
        (["sweep", "01", "--workers", "²"], "a whole number from 1"),
        (["sweep", "01", "--time-limit", "9" * 5_000], "a time such as 90s"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(arguments, said, capsys):
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--dry-run"])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_value_that_no_grid_point_has_is_said(capsys):
    assert main(["sweep", "05", "--only", "num_rules=200,17", "--dry-run"]) == 0
    assert "no grid point has num_rules=[17]" in capsys.readouterr().err
    listed = 'families=["repeated"],["periodic","mirrored"]'
    assert main(["sweep", "04", "--only", listed, "--dry-run"]) == 0
    assert "0 of 4 grid points would run" in capsys.readouterr().out


@pytest.mark.parametrize(("one", "another"), [(0, 0.0), (0.0, -0.0), (1, 1.0)])
def test_equal_numbers_are_one_run(one, another):
    points = [make_point("02", "smoke", {"no_op_share": share}) for share in (one, another)]
    assert len({point.key for point in points}) == 1
    assert {repr(point.config.no_op_share) for point in points} == {repr(int(one))}


def test_a_setting_whose_keys_had_floats_keeps_them():
    keys = {
        make_point("07", "paper", {"graded_share": share, "extraction": 3}).key
        for share in (0, 0.0, -0.0)
    }
    assert keys == {"9110c29e60afd2fd"}


LAUGHS = "a: &a [1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("01_rule_diversity: {smoke: [{seed: 1, num_rules: 9,\n seed: 2}]}",
         "line 2: 'seed' stands in line 1 already"),
        ("01:\n  smoke: []\n  smoke: [{seed: 1}]", "line 3: 'smoke' stands in line 2"),
        ("01: {smoke: []}\nrule_diversity: {smoke: [{seed: 1}]}",
         "line 2: 'rule_diversity' stands in line 1"),
        ("01: {smoke: [{<<: {seed: 1}, <<: {seed: 2}}]}", "line 1: '<<' stands in line 1"),
        ("01: {smoke: [{seed: " + "9" * 5_000 + "}]}", "limit"),
        ("01: {smoke: [{seed: 0x" + "F" * 5_000 + "}]}", "a number of very many digits"),
        ("01: {smoke: [{seed: 2026-99-99}]}", "month must be in"),
        ("01: {smoke: [{seed: 2026-01-01}]}", "a whole number is needed"),
        ("01: {smoke: [{seed: [[[1]]]}]}", "a whole number is needed"),
        ("01: {smoke: [{1: 2}]}", "unknown parameter 1"),
        ("01: {3: [{seed: 1}]}", "unknown scale 3"),
        ("[" * 2_000, "nested too deeply"),
        ("01: &a {smoke: [*a]}", "aliases included"),
        (LAUGHS, "aliases included"),
        (MERGES, "aliases included"),
        ("x: 1\n" * 250_000, "more than 1000000 bytes"),
        ("01: {smoke: [{" + ", ".join(f"{name}: {list(range(1, 60))}" for name in (
            "seed", "steps", "batch_size")) + "}]}", "205379 grid points in one group"),
        ("01: !!python/object/apply:os.system ['touch bad']", "not YAML"),
        (b"\xff\xfe\x00", "not YAML"),
        (b"01: \xff", "not YAML"),
    ],
)  # fmt: skip
def test_a_grid_file_that_would_lose_points_or_the_machine_is_refused(text, said, tmp_path, capsys):
    path = tmp_path / "grid.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main(["sweep", "01", "--scale", "smoke", "--grid", str(path), "--dry-run"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and said in error and len(error) < 900


def test_what_is_merged_may_be_overridden_and_merged_again(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text(
        "01:\n  smoke:\n  - &a {seed: 1, steps: 2}\n  - &b {<<: *a, seed: 2}\n"
        "  - {<<: *b, steps: 3}\n  - {<<: [*a, *b], seed: 4}\n",
        encoding="utf-8",
    )
    configs = [point.config for point in read_grids(path)["01_rule_diversity"]["smoke"]]
    assert [(config.seed, config.steps) for config in configs] == [(1, 2), (2, 2), (2, 3), (4, 2)]


GRID = (
    "01_rule_diversity:\n  smoke:\n    - &a {name: x, num_rules: [1, 2], seed: 0}\n    - <<: *a\n"
)


@some
@given(at=st.integers(0, len(GRID)), cut=st.integers(0, 9), put=st.text(max_size=4))
def test_any_grid_file_is_read_or_refused(at, cut, put, tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text(GRID[:at] + put + GRID[at + cut :], encoding="utf-8", errors="surrogatepass")
    said = refusal(read_grids, path)
    assert said is None or said.startswith(f"{path}: ")


RECORD = next(published_results().glob("rule_diversity/laptop/*.json"))


@some
@given(data=st.data(), value=JSON)
def test_any_record_is_read_and_shown_or_refused(data, value, tmp_path):
    content = json.loads(RECORD.read_text(encoding="utf-8"))
    node, names = content, []
    for _ in range(data.draw(st.integers(1, 4))):
        if not isinstance(node, dict | list) or not node:
            break
        names.append(
            data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        )
        parent, node = node, node[names[-1]]
    parent[names[-1]] = value
    path = tmp_path / "rule_diversity" / "laptop" / RECORD.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
    try:
        record = read_record(path)
    except RecordError as error:
        assert visible(error) == str(error) and len(str(error)) < 1_200
        return
    for table in (score_table, curve_table):
        assert table([record]) is not None


@some
@given(content=st.binary(max_size=99))
def test_any_bytes_are_a_record_or_refused(content, tmp_path):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(RecordError):
        read_record(path)


LINE = (
    b'{"instruction": "Add 1.", "input": "", "answer": "x + 1", "prompt": "a", "completion": "b"}\n'
)


@some
@given(
    at=st.integers(0, len(LINE)),
    cut=st.integers(0, 30),
    put=st.binary(max_size=9) | JSON.map(lambda value: json.dumps(value).encode()),
)
def test_any_data_file_is_read_or_refused(at, cut, put, tmp_path):
    content = LINE + LINE[:at] + put + LINE[at + cut :]
    for path, packed, read in (
        (tmp_path / "mine.jsonl", content, read_jsonl),
        (tmp_path / "mine.jsonl.gz", gzip.compress(content)[: len(content) - cut], read_jsonl),
        (tmp_path / "t0" / "t0.jsonl.gz", gzip.compress(content), read_t0),
        (tmp_path / "flan_cot" / "a.tsv", content, read_flan_chains),
        (tmp_path / "codealpaca" / "a.json", b"[" + content[len(LINE) :] + b"]", read_code_alpaca),
    ):  # fmt: skip
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(packed)
        try:
            assert read(path if path.parent == tmp_path else tmp_path) is not None
        except DataError as error:
            assert str(path.parent) in str(error)


def test_a_small_archive_of_one_endless_line_is_refused(tmp_path):
    path = tmp_path / "mine.jsonl.gz"
    path.write_bytes(gzip.compress(b"[" * 50_000_000, compresslevel=1))
    with pytest.raises(DataError, match=re.escape(f"{path}, line 1: more than 10,000,000 bytes")):
        read_jsonl(path)


@some
@given(prompt=st.text("ab>:=\n", max_size=9) | st.text(max_size=9))
def test_any_prompt_is_parsed_or_refused(prompt):
    assert kind_of_answer(prompt, "a") in ANSWER_KINDS
    said = refusal(parse_prompt, prompt)
    if said is None:
        x, y, z = parse_prompt(prompt)
        assert f"{x}>{y}:{z}" == prompt.rstrip("=")
    else:
        assert said.endswith("has not the form x>y:z=")
