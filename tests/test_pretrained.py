"""Adapters on a pretrained model: split, kept and resumed work changes no result."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
import torch
from peft import PeftModel

from instrdiv.analysis import pretrained as pretrained_analysis
from instrdiv.data import fetch as assets
from instrdiv.data.assets import TINY
from instrdiv.experiments import encrypted, pretrained
from instrdiv.experiments.learners import AnsweredTask, FromScratch, scratch_training, tokenize_task
from instrdiv.experiments.pretrained import LLAMA_MODULES
from instrdiv.experiments.recording import recorded_or_run
from instrdiv.models.chat_model import SplitDecoder, adapt, load_model
from instrdiv.seeds import stream
from instrdiv.statistics.scores import Score
from instrdiv.training.device import Machine
from instrdiv.training.lora import SequenceBatches, bucketed, exact_sequences, load_tunable, tune

pytestmark = pytest.mark.arithmetic

CPU = Machine("cpu", "float32")


def adapted(layers, seed=0):
    model, tokenizer = load_model(TINY)
    model = adapt(model, rank=4, alpha=8, modules=LLAMA_MODULES, layers=layers, seed=seed)
    return model, tokenizer


def some_lines(tokenizer, config):
    data = pretrained.make_data(config)
    return [tokenize_task(tokenizer, task, how, task.answer, []) for task, how in data.training]


def tuned(config, *, keep=True, evaluate=dict, checkpoint=None):
    """The adapters' weights after tuning, and the model."""
    model, tokenizer = adapted(config.tuned_layers)
    split = SplitDecoder(model, config.tuned_layers)
    if not keep:
        split.depth_below = 0
    tune(
        model,
        split,
        some_lines(tokenizer, config),
        config,
        rng=stream(0, "batches"),
        machine=CPU,
        evaluate=evaluate,
        checkpoint=checkpoint,
    )
    return {name: p.detach().clone() for name, p in model.named_parameters()}, model, tokenizer


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_a_split_model_computes_what_the_whole_one_does(layers):
    model, tokenizer = adapted(layers)
    for parameter in model.parameters():  # adapters start as zero; let them do something
        torch.nn.init.normal_(parameter, std=0.1)
    tokens = torch.tensor([tokenizer("Replace a by b in c.").input_ids])
    split = SplitDecoder(model, layers)
    torch.testing.assert_close(split.logits(split.below(tokens)), model(tokens).logits)


def test_only_adapters_of_the_topmost_layers_learn():
    config = pretrained.configure("smoke", steps=3)
    after, *_ = tuned(config)
    before = dict(adapted(config.tuned_layers)[0].named_parameters())
    changed = {name for name, value in after.items() if not torch.equal(value, before[name])}
    assert changed and all("lora_" in name for name in changed)
    assert {int(name.split("layers.")[1].split(".")[0]) for name in changed} == {1, 2}


def test_what_the_frozen_part_makes_of_a_line_can_be_kept():
    config = pretrained.configure("smoke", steps=12)
    kept, *_ = tuned(config)
    anew, *_ = tuned(config, keep=False)
    for name, value in kept.items():
        torch.testing.assert_close(value, anew[name], atol=1e-5, rtol=1e-5)


def test_lines_at_once_change_nothing_but_memory():
    whole, *_ = tuned(pretrained.configure("smoke", steps=5))
    apart, *_ = tuned(pretrained.configure("smoke", steps=5, lines_at_once=3))
    for name, value in whole.items():
        torch.testing.assert_close(value, apart[name], atol=1e-5, rtol=1e-4)


def test_all_weights_of_the_top_layers_can_be_tuned_instead_of_adapters(monkeypatch):
    before = dict(load_model(TINY)[0].named_parameters())
    model, outcome = pretrained.run(
        pretrained.configure("smoke", tuned="weights", tuned_layers=1, steps=3)
    )
    assert outcome.metrics["unseen"].total == 20
    changed = {
        name for name, p in model.named_parameters() if not torch.equal(p.detach(), before[name])
    }
    assert changed == {name for name in before if name.startswith("model.layers.2.")}
    with pytest.raises(ValueError, match="tuned='weights': weights in 8 bits cannot be tuned"):
        config = pretrained.configure("smoke", tuned="weights")
        load_tunable(TINY, config, CPU, seed=0, load_in_8bit=True)


def test_a_run_of_ones_own_leaves_its_adapters_for_peft(tmp_path):
    config = pretrained.configure("smoke", steps=3)
    record = recorded_or_run(pretrained.experiment, "smoke", config, tmp_path / "results")
    PeftModel.from_pretrained(load_model(TINY)[0], tmp_path / "results" / "models" / record.key)


def test_a_tuning_that_is_cut_short_goes_on_to_the_same_end(tmp_path):
    config = pretrained.configure("smoke", steps=8, num_evaluations=2)
    whole, *_ = tuned(config)
    calls = []

    def cut():
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return {"unseen": Score(1, 2)}

    path = tmp_path / "run.pt"
    with pytest.raises(KeyboardInterrupt):
        tuned(config, evaluate=cut, checkpoint=path)
    assert path.exists()
    steps = []
    resumed, *_ = tuned(config, evaluate=lambda: steps.append(1) or {}, checkpoint=path)
    assert len(steps) == 1, "the first half must not be done again"
    for name, value in whole.items():
        torch.testing.assert_close(value, resumed[name])
    again, *_ = tuned(config, evaluate=lambda: steps.append(1) or {}, checkpoint=path)
    assert len(steps) == 1, "what is done is not done again"
    assert all(torch.equal(value, again[name]) for name, value in resumed.items())


@pytest.mark.parametrize("content", [b"", b"no checkpoint", "another model's"])
def test_a_checkpoint_that_cannot_be_used_is_set_aside_and_the_run_starts_anew(tmp_path, content):
    config = pretrained.configure("smoke", steps=4, num_evaluations=2)
    whole, *_ = tuned(config)
    path = tmp_path / "run.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save({"tuned": {}, "optimizer": {}, "schedule": {}, "curve": [], "step": 2}, path)
    with pytest.warns(UserWarning, match=r"run\.pt is no checkpoint of this run .*: set aside as"):
        anew, *_ = tuned(config, checkpoint=path)
    assert path.with_suffix(".unreadable").exists()
    assert all(torch.equal(value, anew[name]) for name, value in whole.items())


def test_runs_into_two_folders_keep_checkpoints_apart(tmp_path):
    seen = []
    failing = dataclasses.replace(
        pretrained.experiment, run=lambda config, checkpoint: (seen.append(checkpoint), 1 / 0)
    )
    config = pretrained.configure("smoke", seed=55)
    for name in ("one", "another"):
        with pytest.raises(ZeroDivisionError):
            recorded_or_run(failing, "smoke", config, tmp_path / name / "results")
    assert seen[0].parent == tmp_path / "one" / "results" / "checkpoints"
    assert seen[1].parent == tmp_path / "another" / "results" / "checkpoints"


def test_a_saved_adapter_loads_in_peft_and_gives_the_same_answers(tmp_path):
    _, model, tokenizer = tuned(pretrained.configure("smoke", steps=10, learning_rate=0.02))
    model.save_pretrained(tmp_path)
    again = PeftModel.from_pretrained(load_model(TINY)[0], tmp_path).eval()
    tokens = torch.tensor([tokenizer("Replace a b by c d in a b x.").input_ids])
    torch.testing.assert_close(again(tokens).logits, model(tokens).logits)
    assert not torch.allclose(load_model(TINY)[0](tokens).logits, model(tokens).logits, atol=1e-3)


def test_exact_match_in_one_pass_equals_generating():
    config = pretrained.configure(
        "smoke", steps=40, num_rules=1, num_examples=12, z_length=2, learning_rate=0.02, num_test=5
    )
    _, model, tokenizer = tuned(config)
    lines = some_lines(tokenizer, config)
    found = exact_sequences(
        SequenceBatches(SplitDecoder(model, config.tuned_layers), lines, "cpu"), CPU
    )
    assert 0 < found.sum() < len(found), "the comparison needs right and wrong answers"
    for line, right in zip(lines, found.tolist(), strict=True):
        prompt, answer = line.tokens[: line.prompt_length], line.tokens[line.prompt_length :]
        written = model.generate(
            input_ids=torch.tensor([prompt]),
            attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
            max_new_tokens=len(answer),
            do_sample=False,
            pad_token_id=tokenizer.pad_token_id,
        )[0, len(prompt) :].tolist()
        assert (written == answer) == right


def test_the_answer_alone_is_learned_and_its_letters_are_the_same_tokens_everywhere():
    _, tokenizer = load_model(TINY)
    data = pretrained.make_data(pretrained.configure("smoke"))
    task, how = data.training[0]
    line = tokenize_task(tokenizer, task, how, task.answer, data.training[1:3])
    answer = line.tokens[line.prompt_length :]
    assert answer[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(answer[:-1]).replace(" ", "") == task.answer
    prompt = tokenizer.decode(line.tokens[: line.prompt_length])
    assert prompt.count("assistant") == 3


def test_every_line_comes_once_an_epoch():
    lengths = list(np.random.default_rng(0).integers(5, 30, size=50))
    batches = list(bucketed(np.random.default_rng(1), lengths, 8, steps=14))
    for epoch in (batches[:7], batches[7:]):
        assert sorted(row for batch in epoch for row in batch) == list(range(50))


def test_a_smoke_run_gives_every_score_and_leaves_no_checkpoint(tmp_path):
    _, outcome = pretrained.run(pretrained.configure("smoke"), tmp_path / "run.pt")
    assert list(tmp_path.iterdir()) == []
    kinds = ("has_op", "no_op", "cipher_missing", "rewriting_missing", "both_missing", "enciphered")
    assert {"unseen", "seen", "unseen_key", *(f"unseen_{kind}" for kind in kinds)} <= set(
        outcome.metrics
    )
    assert [point["step"] for point in outcome.curve] == [3, 6]
    parts = outcome.metrics["unseen_has_op"], outcome.metrics["unseen_no_op"]
    assert outcome.metrics["unseen"] == Score(*(sum(column) for column in zip(*parts, strict=True)))


def test_a_model_is_scored_before_tuning_and_with_examples_in_its_prompt():
    _, outcome = pretrained.run(pretrained.configure("smoke", steps=0, shots=2))
    assert outcome.curve == [] and outcome.metrics["unseen"].total == 20


def test_a_model_from_scratch_learns_the_same_tasks_and_gets_the_same_scores():
    few = dict(num_rules=1, num_examples=20, num_keys=1, max_shift=2, num_test=10)
    config = pretrained.configure("smoke", model="from-scratch", steps=60, batch_size=32, **few)
    _, outcome = pretrained.run(config)
    assert set(outcome.metrics) == set(pretrained.run(pretrained.configure("smoke"))[1].metrics)
    assert outcome.curve[-1]["loss"] < outcome.curve[0]["loss"]


def test_a_model_from_scratch_scores_what_it_would_write():
    data = pretrained.make_data(pretrained.configure("smoke"))
    solver = FromScratch(scratch_training(40, 16, 1), CPU, data.training[0][0], seed=0)
    lines = encrypted.with_correct_answers(data.training[:8])
    solver.learn(lines, dict)
    wrong = [AnsweredTask(said.task, said.phrasing, said.answer[::-1]) for said in lines]
    both = [*lines, *wrong]
    written = [solver.write(said.task, said.phrasing) == said.answer for said in both]
    assert solver.right(both).tolist() == written and any(written)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rank": 0}, "rank=0: at least 1"),
        ({"num_rules": 61}, "num_rules=61 is more than num_examples=60"),
        ({"x_length": 5}, "x_length=5 is more than z_length=4"),
        ({"cipher": "rot"}, "cipher='rot': allowed are caesar, substitution"),
    ],
)
def test_bad_settings_are_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        pretrained.configure("smoke", **changes)


def test_layers_and_modules_that_a_model_lacks_are_refused():
    with pytest.raises(ValueError, match="tuned_layers=9: the model has 3"):
        adapted(9)
    with pytest.raises(ValueError, match="the model has no 'c_attn'"):
        adapt(load_model(TINY)[0], rank=1, alpha=1, modules=["c_attn"], layers=1, seed=0)


def test_a_model_that_is_not_there_is_one_clear_line(tmp_path, monkeypatch):
    monkeypatch.setenv(assets.CACHE_VARIABLE, str(tmp_path))
    with pytest.raises(assets.AssetError, match="run `python -m instrdiv assets` once"):
        load_model("SmolLM2-135M-Instruct")
    with pytest.raises(assets.AssetError, match=r"model '.*nowhere' cannot be loaded"):
        load_model(str(tmp_path / "nowhere"))


def made_up_runs(share_of, seeds=3):
    """Runs of a grid like the published one, whose scores a function of their settings gives."""
    even = [dict(num_rules=n, alpha=None, num_examples=2_000) for n in (10, 100, 1_000)]
    tails = [dict(num_rules=n, alpha=0.5, num_examples=2_000) for n in (100, 1_000)]
    halves = [dict(num_rules=1_000, alpha=a, num_examples=1_000) for a in (None, 0.5)]
    learners = [(*even, *tails, *halves), even]
    shared = dict(steps=650, shots=0, batch_size=8, scale="laptop", recorded="2027-01-01")
    rows = []
    for model, points in zip(("SmolLM2", "from-scratch"), learners, strict=True):
        for number, point in enumerate(points):
            for seed in range(seeds):
                setting = shared | point | dict(
                    model=model, seed=seed, key=f"{model} {number} {seed}"
                )  # fmt: skip
                for kind in ("unseen_has_op", "unseen_no_op", "training"):
                    share = 0.99 if kind == "training" else share_of(kind, **point)
                    score = Score(round(400 * share) + seed * (share < 0.96), 400)
                    low, high = score.interval()
                    rows.append(setting | dict(score=kind, share=score.share, low=low, high=high))
    untuned = dict(rows[0], steps=0, share=0.25, key="untuned")
    return pd.DataFrame([*rows, untuned, dict(untuned, shots=4, share=0.5)])


def as_in_the_paper(kind, num_rules, alpha, num_examples):
    if kind == "unseen_no_op":
        return 0.98
    lost = {None: 0.0, 0.5: 300 / num_rules if num_examples == 2_000 else 0.5}[alpha]
    return max(0.0, {10: 0.0, 100: 0.4, 1_000: 0.95}[num_rules] - min(lost, 0.38))


def test_runs_like_the_papers_reproduce_every_claim_about_a_pretrained_model():
    found = pretrained_analysis.verdicts(made_up_runs(as_in_the_paper), pd.DataFrame())
    assert [verdict.outcome for verdict in found] == ["reproduced"] * 4


def test_a_model_that_solves_everything_reproduces_none_of_them():
    found = pretrained_analysis.verdicts(made_up_runs(lambda *_, **__: 0.97), pd.DataFrame())
    # No-ops are solved, the most instructions suffice, and even halves do no harm: a part each.
    assert [verdict.outcome for verdict in found] == [
        "partly", "partly", "not reproduced", "partly"
    ]  # fmt: skip


@pytest.mark.parametrize("seeds", [1, 2])
def test_one_or_two_seeds_are_too_few_for_a_verdict_on_a_pretrained_model(seeds):
    found = pretrained_analysis.verdicts(made_up_runs(as_in_the_paper, seeds), pd.DataFrame())
    assert [verdict.outcome for verdict in found] == ["cannot tell"] * 4


def test_only_even_spreads_are_compared_with_a_model_from_scratch():
    shown = pretrained_analysis.against_scratch(made_up_runs(as_in_the_paper), 2_000)
    assert shown.alpha.isna().all() and (shown.steps > 0).all()
    assert set(shown.learner) == {"pretrained, 2,000 examples", "from scratch, 2,000 examples"}


def test_the_fewest_instructions_for_half_of_the_answers_are_named():
    rows = [
        dict(learner=learner, num_rules=number, score="unseen_has_op", share=share)
        for learner, shares in {"one": (0.1, 0.4, 0.9), "other": (0.0, 0.2, 0.3)}.items()
        for number, share in zip((10, 100, 1_000), shares, strict=True)
    ]
    rows.append(dict(rows[1], share=0.8))  # another seed; the mean is what counts
    assert pretrained_analysis.to_half(pd.DataFrame(rows)).splitlines() == [
        "- one: from 100 instructions on",
        "- other: for none of these numbers",
    ]


def test_what_was_not_tuned_has_a_row_for_each_number_of_examples_shown():
    before = pretrained_analysis.before_tuning(made_up_runs(as_in_the_paper))
    assert before.unseen_has_op.to_dict() == {0: 0.25, 4: 0.5}


def test_scores_with_a_new_key_stand_beside_those_with_a_trained_one():
    scores = ["unseen_has_op", "unseen_has_op", "unseen_key_has_op", "seen"]
    rows = [
        dict(num_rules=10, score=score, share=share)
        for score, share in zip(scores, [0.8, 1.0, 0.1, 1.0], strict=True)
    ]
    (means,) = pretrained_analysis.by_key(pd.DataFrame(rows)).to_dict("records")
    assert means == {"a key from training": pytest.approx(0.9), "a new key": 0.1}
