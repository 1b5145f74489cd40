"""Experiment 7: does a code model gain from instructions that are not about code?

A model is fine-tuned on a fixed number of examples, of which a growing share is general
instructions, or general instructions and chains of thought. It is measured by running the programs
that it writes, and by the likelihood that it gives to correct programs (arXiv 2405.19787,
section 5).
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instrdiv.benchmarks.graded.split import split
from instrdiv.checks import (
    at_least,
    before,
    between,
    check_fields,
    float_in_keys,
    one_of,
    path_setting,
    replaces_earlier,
)
from instrdiv.data.assets import INSTRUCTION_DATA, MBPP, TINY
from instrdiv.data.fetch import AssetError, require
from instrdiv.data.instruction_sources import (
    SOURCES,
    InstructionPair,
    read_code_alpaca,
    read_hub,
    read_jsonl,
    read_t0_first_edition,
)
from instrdiv.data.mixtures import plan
from instrdiv.data.python_text import parses_as_python
from instrdiv.experiments.experiment import Estimate, Experiment
from instrdiv.experiments.outcome import Outcome
from instrdiv.experiments.pretrained import LLAMA_MODULES
from instrdiv.training.config import TuningConfig

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase as Tokenizer

    from instrdiv.experiments.code_data import CodeData
    from instrdiv.training.checkpoint import Checkpoint

EXTRACTION = 4
"""The current way of extracting programs from answers; see `Config.extraction`."""

DATA = ("collections", "hub", "made up")

OWN = (".jsonl", ".jsonl.gz")
"""File extensions of a reader's own examples."""


@dataclass(frozen=True, kw_only=True)
class Config(TuningConfig):
    """`num_examples` of a mixture of code and other instructions."""

    model: str = field(metadata=path_setting())
    """A model's name in `instrdiv.data.assets` or on the hub, or a folder."""
    load_in_8bit: bool = False
    """Keep the frozen weights in 8 bits; needs a GPU and bitsandbytes."""
    data: str = field(default="collections", metadata=path_setting())
    """``collections`` are real and small; ``hub`` are the paper's; ``made up`` are a few
    meaningless sentences, for tests without a network. A file of JSON lines replaces the general
    collection."""
    edition: int = field(default=2, metadata=one_of(1, 2) | before(1))
    """Edition of the collections. 1, that of the first records, accepts all of CodeAlpaca that
    parses as Python, including some JavaScript, and empty answers of T0; 2 accepts self-contained
    programs and non-empty answers."""
    data_sha256: str | None = None
    """SHA-256 of such a file, computed automatically: another content makes another run."""
    num_examples: int = field(metadata=between(1, 10_000_000))
    """Total number of examples: the budget."""
    num_answer_tokens: int | None = field(default=None, metadata=at_least(1))
    """Train only on the first examples of the mixture, up to this number of tokens in their
    answers: equal numbers of examples differ in their amount of text."""
    general_share: float = field(default=0.0, metadata=between(0, 1))
    """Share of the examples that are not code."""
    chain_share: float = field(default=0.0, metadata=between(0, 1))
    """Share of *these* that are chains of thought instead of general instructions."""
    graded_share: float = field(default=0.5, metadata=between(0, 1) | float_in_keys())
    """Share of the code that is from the graded benchmark's training families."""
    max_tokens: int = field(metadata=between(8, 100_000))
    """Longer examples are left out."""
    num_graded: int = field(metadata=between(1, 1000))
    """Problems of each grade of the graded benchmark."""
    num_written: int = field(default=0, metadata=between(0, 500))
    """Problems of HumanEval for which a program is written and run."""
    mutated: bool = False
    """Also run these against HumanEval-mut's generated tests, where HumanEval+ is not available."""
    plus: bool = False
    """Also write a program for every problem of HumanEval+ and MBPP+, evaluated by EvalPlus."""
    num_foretold: int = field(metadata=between(1, 500))
    """Problems of HumanEval, and as many of MBPP, whose solutions are scored by likelihood."""
    scored: str = field(default="fenced", metadata=one_of("bare", "fenced") | before("bare"))
    """Where these solutions stand. ``fenced``: inside the code fence with which tuned answers
    begin, after the beginning of the program if the problem has one; the opening fence is measured
    apart. ``bare``, as in the first records: straight after the prompt, where a tuned model expects
    a fence."""
    programs: bool = True
    """Write programs and run them; without, solutions are scored by likelihood alone, in a fraction
    of the time."""
    max_new_tokens: int = field(metadata=between(1, 10_000))
    """Most tokens of a written program."""
    extraction: int = field(
        default=EXTRACTION, metadata=one_of(1, 2, 3, EXTRACTION) | before(1) | replaces_earlier()
    )
    """How programs are extracted from answers. 4: see `instrdiv.codeexec.extraction`. 3 lost what a
    program needs of a later block. 2 ended an answer at its first block, whatever that was. 1, that
    of the first records, lost programs after prose and ignored the beginning of a program in the
    problem. These only distinguish old scores; no new runs use them. Bits per byte do not depend on
    it."""
    num_samples: int = field(default=1, metadata=between(1, 1000))
    """If more than one, this many programs are also sampled for each graded problem, for pass@k."""
    temperature: float = field(default=0.8, metadata=between(0.01, 10))
    """Temperature of these samples; all other answers are greedy."""
    seed: int = field(metadata=at_least(0))
    """Seed of every random stream of the run."""

    @property
    def setup(self) -> str:
        """The sizes of task and model, in words."""
        return f"{self.model.split('/')[-1]}, {self.what_is_tuned}, {self.num_examples:,} examples"

    @property
    def shares(self) -> dict[str, float]:
        """The share of each collection in the mixture."""
        code = 1 - self.general_share
        return {
            "code": code * (1 - self.graded_share),
            "graded": code * self.graded_share,
            "general": self.general_share * (1 - self.chain_share),
            "chains": self.general_share * self.chain_share,
        }

    def __post_init__(self) -> None:
        check_fields(self)
        if self.data not in DATA and not self.data.endswith(OWN):
            raise ValueError(
                f"data={self.data!r}: allowed are {', '.join(DATA)}, or a file that ends in "
                f"{' or '.join(OWN)}"
            )
        if self.chain_share and not self.general_share:
            raise ValueError(f"chain_share={self.chain_share} needs general_share above 0")
        if self.mutated and not self.num_written:
            raise ValueError(
                "mutated=True tests programs for HumanEval, but num_written=0 writes none"
            )
        if not self.programs and self.num_samples > 1:
            raise ValueError(
                f"programs=False writes no programs, but num_samples={self.num_samples} does"
            )
        if self.num_written > 164:
            raise ValueError(f"num_written={self.num_written}: HumanEval has 164 problems")


PRESETS: dict[str, dict[str, Any]] = {
    "smoke": dict(
        model=TINY, data="made up", num_examples=24, general_share=0.25, max_tokens=600,
        num_graded=1, num_foretold=2, max_new_tokens=8, rank=4, lora_alpha=8,
        target_modules=LLAMA_MODULES, tuned_layers=2, steps=4, batch_size=4, learning_rate=1e-3,
        num_evaluations=2, seed=0,
    ),
    # Each example is seen once: in trials, a higher learning rate on more examples of the graded
    # families gave lower likelihoods for programs of other benchmarks.
    "laptop": dict(
        model="SmolLM2-135M-Instruct", num_examples=800, general_share=0.1, max_tokens=128,
        programs=False,  # those that pass are too few to tell mixtures apart
        num_graded=30, num_written=40, num_foretold=164, max_new_tokens=96, rank=32, lora_alpha=64,
        target_modules=LLAMA_MODULES, tuned_layers=12, steps=100, batch_size=8,
        learning_rate=1e-3, num_evaluations=5, seed=0,
    ),
    # The paper's learning rate, batch size, epochs and length; rank and modules are ours.
    "paper": dict(
        model="deepseek-ai/deepseek-coder-6.7b-base", load_in_8bit=True, data="hub",
        num_examples=20_000, general_share=0.1, graded_share=0.0, max_tokens=768, num_graded=20,
        num_written=164, plus=True, num_foretold=164, max_new_tokens=512, rank=512, lora_alpha=1024,
        target_modules=LLAMA_MODULES, tuned_layers=0, steps=15_000, batch_size=4,
        learning_rate=1e-5, num_evaluations=10, seed=0,
    ),
}  # fmt: skip


def configure(scale: str, **overrides: Any) -> Config:
    """A scale's preset with overrides; None leaves a setting as it is.

    Raises:
        ValueError: a value is not allowed, or a file of examples does not have the given hash.
        OSError: a file of examples cannot be read.

    >>> configure("laptop", general_share=0.5).shares["general"]
    0.5
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    settings = PRESETS[scale] | given
    if str(settings.get("data", "")).endswith(OWN):
        with Path(settings["data"]).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if settings.setdefault("data_sha256", found) != found:
            raise ValueError(
                f"data={settings['data']!r} has changed: its SHA-256 is {found}, not "
                f"data_sha256={settings['data_sha256']!r}"
            )
    return Config(**settings)


def estimate(config: Config) -> Estimate:
    """What a run would need, determined without making it."""
    from instrdiv.training.memory import tuning_memory

    counts = plan(config.num_examples, config.shares)
    listed = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
    memory = tuning_memory(
        config.model,
        config,
        tokens=config.max_tokens,
        answer=config.max_tokens,
        in_8bit=config.load_in_8bit,
    )
    lines = (f"examples: {listed}", f"memory: {memory}", *missing_assets(config))
    return Estimate(lines, memory.total)


def missing_assets(config: Config) -> list[str]:
    """Assets that a run would need and that are not fetched, one line each."""
    needed = [] if config.data == "made up" else [MBPP]
    shared = {name for name, share in config.shares.items() if share}
    own = {"graded"} if config.data in DATA else {"graded", "general"}
    if config.data not in ("made up", "hub") and shared - own:
        needed.append(INSTRUCTION_DATA)
    missing = []
    for asset in needed:
        try:
            require(asset)
        except AssetError as error:
            missing.append(f"missing: {error}")
    return missing


def sources_of(config: Config, names: Iterable[str]) -> dict[str, list[InstructionPair]]:
    """The named collections of a config."""
    made_up = config.data == "made up"
    readers: dict[str, Callable[[], list[InstructionPair]]] = {
        "graded": lambda: split().examples(config.seed, per_grade=5 if made_up else 300)
    }
    for name, read in (SOURCES | (FIRST_EDITION if config.edition == 1 else {})).items():
        if made_up:
            readers[name] = MADE_UP[name]
        elif config.data == "hub":
            readers[name] = partial(read_hub, name)
        else:
            readers[name] = partial(_read_fetched, read)
    if config.data not in DATA:
        readers["general"] = lambda: read_jsonl(Path(config.data), "general")
    return {name: readers[name]() for name in names}


def _read_fetched(read: Callable[[Path], list[InstructionPair]]) -> list[InstructionPair]:
    return read(require(INSTRUCTION_DATA))


FIRST_EDITION: dict[str, Callable[[Path], list[InstructionPair]]] = {
    "code": partial(read_code_alpaca, accept=parses_as_python),
    "general": read_t0_first_edition,
}
"""Readers of the collections as of the first recorded runs; see `Config.edition`."""

MADE_UP: dict[str, Callable[[], list[InstructionPair]]] = {
    "code": lambda: [InstructionPair(f"Add {n} to x.", f"y = x + {n}", "code") for n in range(100)],
    "general": lambda: [
        InstructionPair(f"Name {n} colours.", "Red " * n, "general") for n in range(1, 100)
    ],
    "chains": lambda: [
        InstructionPair(f"Is {n} even?", f"{n} = 2 · {n / 2:g}. So.", "chains") for n in range(100)
    ],
}
"""Sentences for tests."""


def run(config: Config, checkpoint: "Checkpoint | None" = None) -> tuple[Any, Outcome]:
    """Tune one model on one mixture; run the programs that it writes; score correct programs.

    Args:
        checkpoint: keeps the state of interrupted training. The caller deletes it.

    Raises:
        ValueError: the config has a former way of extracting programs.
    """
    from instrdiv.experiments.programs import tune_and_score

    return tune_and_score(config, checkpoint)


def make_data(config: Config, tokenizer: "Tokenizer") -> "CodeData":
    """Make the mixture and the tests; no training example contains a test problem."""
    from instrdiv.experiments.code_data import make_mixture_and_tests

    return make_mixture_and_tests(config, tokenizer)


experiment = Experiment(
    name="code_generation",
    number=7,
    protocol=1,
    config=Config,
    presets=PRESETS,
    configure=configure,
    make_data=make_data,
    run=run,
    estimate=estimate,
)
