"""Demo models that answer in the page itself: no kernel, no server, not even a network.

The scripts beside this file and `gpt2.js` become one script in the page. It loads the models from a
file of their own, so that no other page carries them. Without them, and on paper, the page shows a
table of answers instead.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files

import numpy as np
from jinja2.utils import htmlsafe_json_dumps

from instrdiv.charts.common import marked
from instrdiv.demo.forward import DemoModel
from instrdiv.demo.model_file import LOADED
from instrdiv.demo.prompting import split_rule, written
from instrdiv.demo.source_attention import copying_head
from instrdiv.tasks.alphabet import decode
from instrdiv.tasks.inputs import plant_once
from instrdiv.tasks.rewriting import rewrite
from instrdiv.whole_numbers import count

SCRIPTS = (
    "demo/gpt2.js",
    "charts/live_rules.js",
    "charts/live_answers.js",
    "charts/live_count.js",
    "charts/live.js",
)
MODELS = "../demo/models.js"
"""Where a page of the book finds all models, as a script."""


@dataclass(frozen=True)
class Preset:
    """A rule and an input to try.

    Attributes:
        group, label: the name of its button, in two parts.
        rule, input: what is put into the fields.
        shows: a sentence on what the answers show.
    """

    group: str
    label: str
    rule: str
    input: str
    shows: str


UNSEEN = Preset(
    "an unseen rule",
    "this one",
    "qxzk>bbbb",
    "mqxzkaoe",
    "No model saw either side of this rule. It is one example: the count below says how often each "
    "model follows such rules.",
)
FURTHER = (
    Preset(
        "a special one",
        "x not in the input",
        "wxyz>abcd",
        "efghefgh",
        "No model ever saw such an input. One that copies it need not have understood the rule.",
    ),
    Preset(
        "a special one",
        "both sides of the same letters",
        "abcd>dcba",
        "hjabcdkm",
        "The letters are all there already: only their order tells whether the rule was followed.",
    ),
    Preset(
        "a special one",
        "repeated letters",
        "aaaa>bbbb",
        "qaaaarst",
        "Hardly any training rule looks like this one, and it is a rule like any other.",
    ),
)


def presets(models: Mapping[int, DemoModel]) -> list[Preset]:
    """What readers can try at a press: an unseen rule, one that each model saw, special ones."""
    return [UNSEEN, *(_seen(number, model) for number, model in models.items()), *FURTHER]


def _seen(number: int, model: DemoModel) -> Preset:
    config = model.config
    rule = model.rules[:1]
    x, y = rule[:, : config["x_length"]], rule[:, config["x_length"] :]
    z = plant_once(np.random.default_rng(number), x, config["z_length"])
    times = config["num_examples"] // config["num_rules"]
    return Preset(
        "a rule seen by the model trained on",
        count(number),
        f"{decode(x[0])}>{decode(y[0])}",
        decode(z[0]),
        f"The model trained on {count(number)} rules has read this rule about {count(times)} "
        "times, with other inputs; none of the others has. A model that knows its rules by heart "
        "goes by their left-hand side, and may write the right-hand side that it knows instead of "
        "the one here.",
    )


def live_models(models: Mapping[int, DemoModel]) -> str:
    """Models that answer as one types, each letter with the attention behind it.

    Args:
        models: by number of training rules, few first.

    Returns:
        HTML with its script.
    """
    offered = presets(models)
    settings = {
        "presets": [asdict(preset) for preset in offered],
        "heads": [copying_head(model)._asdict() for model in models.values()],
    }
    package = files("instrdiv")
    script = "\n".join((package / name).read_text(encoding="utf-8") for name in SCRIPTS)
    paper = answers_on_paper(models, offered)
    markup = f'<div class="live"></div><div class="on-paper">{paper}</div>'
    name = f"live-{hashlib.sha256(markup.encode()).hexdigest()[:8]}"
    start = f'startLive("{name}", "{LOADED}", "{MODELS}", {htmlsafe_json_dumps(settings)});'
    inside = f"(function () {{\n{script}\n{start}\n}})();"
    return f'<div id="{name}">{markup}</div><script>{inside}</script>'


def answers_on_paper(models: Mapping[int, DemoModel], offered: list[Preset]) -> str:
    """A table of what each model writes for each preset, for readers without the live part."""
    head = "".join(f'<th scope="col">{count(number)}</th>' for number in models)
    rows = []
    for preset in offered:
        x, y = split_rule(preset.rule)
        target = rewrite(x, y, preset.input)
        answers = "".join(
            f"<td><code>{marked(target, written(model, x, y, preset.input))}</code></td>"
            for model in models.values()
        )
        rows.append(
            f'<tr><th scope="row">{preset.group}: {preset.label}</th>'
            f"<td><code>{x}&gt;{y}:{preset.input}</code></td><td><code>{target}</code></td>"
            f"{answers}</tr>"
        )
    caption = "What the models write, by their number of training rules; wrong letters are marked."
    return (
        f'<table class="answers"><caption>{caption}</caption><thead><tr><th scope="col">rule</th>'
        f'<th scope="col">prompt</th><th scope="col">correct</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
