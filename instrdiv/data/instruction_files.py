"""Instruction data from upstream: CodeAlpaca, FLAN's chains of thought, T0's training prompts.

The first two are downloaded file by file. T0's prompts are 57 MB with one file per template; of
each we keep the first 50 that are short enough for a small model. The hash is that of the kept
lines, not of the archive, which the server repacks.
"""

import gzip
import hashlib
import json
import tarfile
import tempfile
import zlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import IO

from instrdiv.data.fetch import Asset, AssetError
from instrdiv.data.places import WebFile

VARIABLE = "INSTRDIV_DATA"
"""Environment variable with a folder that contains the data, instead of downloading it."""
FILES, ARCHIVES = "https://raw.githubusercontent.com", "https://codeload.github.com"
CODE_ALPACA = "sahil280114/codealpaca/2f78ddc5c682ed6738ad092bbbfa59ba915afcb0/data"
FLAN = "google-research/FLAN/e9e4ec6e2701182c7a91af176f705310da541277/flan/v2/cot_data"
PINNED = {
    "codealpaca": {
        f"{CODE_ALPACA}/code_alpaca_2k.json": (
            "9cb7352683bd2f530ce81eff7f8d58ccbe1a4bdf28afebbe9f80ec687256066d"
        ),
        f"{CODE_ALPACA}/new_codealpaca.json": (
            "2c8f4bb2dbce75ecc2020ded30f0fa935b7aa89d7be0c271f4ac208062f1bcb6"
        ),
    },
    "flan_cot": {
        f"{FLAN}/aqua_train.tsv": (
            "2e43bd7900e739a78d7b7b7444e19bae4259399327eb76b78a30f4e4fb7dfdda"
        ),
        f"{FLAN}/creak_train.tsv": (
            "ee6b9a3d88fbc1bdf7cd751c7f266edfc4c15e475560408ffb79490b2fe7bdea"
        ),
        f"{FLAN}/ecqa_train.tsv": (
            "cf6967d587851f25a834cdd16c73f17a4da08bae5b8821922a64b3107160e01c"
        ),
        f"{FLAN}/gsm8k_train.tsv": (
            "acecbb7438cccae1b2eaa212a291c127ece02670d8bb39600164ab20f1d759a7"
        ),
        f"{FLAN}/qasc_train.tsv": (
            "566ba8c3945b5fe8e3125ca4919c15f36e1067b881c251e75d071ad38c861b9a"
        ),
        f"{FLAN}/sensemaking_train.tsv": (
            "c978b40455ed62b1755956f25327c7cec6f9d4954f7185e6fb14b03db74c65af"
        ),
        f"{FLAN}/strategyqa_train.tsv": (
            "0e56b9f46b4d1569e45bf4c7f10d7854be81ae62303098fbd03d3e0bf912201f"
        ),
    },
}
"""Files by collection, each with its SHA-256."""
T0_ARCHIVE = "yizhongw/self-instruct/tar.gz/0b26ccaa415992100fa32df62d41b994cf928e23"
T0_SHA256 = "49580cb62db8083a466ac8c13fed6d24e55524957d3397224ca3215236ef931b"
"""Hash of the kept lines, before compression."""
T0_FOLDER = "/data/finetuning/t0_train_50k/data_per_template/"
T0_LINES, T0_CHARACTERS = 50, 1_200
"""Kept lines per template; most characters of a prompt and its completion together."""


def instruction_data(files: str = FILES, archives: str = ARCHIVES) -> Asset:
    """The folder that `instrdiv.data.instruction_sources` reads.

    Args:
        files, archives: servers of single files and of archives of repositories.
    """
    hashes = [sha256 for collection in PINNED.values() for sha256 in collection.values()]
    return Asset(
        name="instruction-data",
        sha256=hashlib.sha256("".join([*hashes, T0_SHA256]).encode()).hexdigest(),
        make=partial(_make, files, archives),
        variable=VARIABLE,
        instead=f"set {VARIABLE} to a folder with the data",
    )


def _make(files: str, archives: str, folder: Path) -> None:
    for collection, pinned in PINNED.items():
        (folder / collection).mkdir()
        for path, sha256 in pinned.items():
            target = folder / collection / Path(path).name
            WebFile(f"{files}/{path}", sha256).fetch(target)
    (folder / "t0").mkdir()
    with tempfile.TemporaryDirectory(dir=folder, prefix=".archive-") as apart:
        archive = Path(apart) / "t0.tar.gz"
        WebFile(f"{archives}/{T0_ARCHIVE}", sha256=None).fetch(archive)
        keep_t0(archive, folder / "t0" / "t0_short.jsonl.gz")


def keep_t0(archive: Path, target: Path) -> None:
    """Write the kept lines of T0's prompts as gzipped JSON lines.

    Raises:
        AssetError: the archive cannot be read, or the kept lines have the wrong hash.
    """
    kept = {}
    try:
        with tarfile.open(archive, "r|gz") as members:
            for member in members:
                _, inside, name = member.name.partition(T0_FOLDER)
                # A folder of such a name has no content.
                if inside and name.endswith(".jsonl") and (file := members.extractfile(member)):
                    kept[name] = "".join(short_lines(name, file))
    except (
        OSError,
        EOFError,
        zlib.error,
        tarfile.TarError,
        ValueError,
        LookupError,
        TypeError,
        RecursionError,
    ) as error:
        raise AssetError(f"the archive of T0's prompts cannot be read ({error})") from error
    lines = "".join(kept[name] for name in sorted(kept)).encode()
    found = hashlib.sha256(lines).hexdigest()
    if found != T0_SHA256:
        raise AssetError(f"the kept lines of T0's prompts have SHA-256 {found}, not {T0_SHA256}")
    target.write_bytes(gzip.compress(lines, mtime=0))


def short_lines(name: str, template: IO[bytes]) -> Iterable[str]:
    """The kept lines of one template's file, each with the file's name and the line number."""
    kept = 0
    for number, line in enumerate(template):
        row = json.loads(line)
        if kept < T0_LINES and len(row["prompt"]) + len(row["completion"]) <= T0_CHARACTERS:
            kept += 1
            yield json.dumps({"file": name, "line": number, **row}, ensure_ascii=False) + "\n"
