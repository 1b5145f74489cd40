"""Instruction data from upstream, against a server on this machine: right, or nothing at all."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from instrdiv.data import fetch as assets
from instrdiv.data import instruction_files as instructions
from instrdiv.data.assets import INSTRUCTION_DATA
from instrdiv.data.fetch import AssetError, fetch
from instrdiv.data.instruction_files import T0_ARCHIVE, T0_FOLDER, instruction_data, keep_t0
from instrdiv.data.places import WebFile

REPOSITORY = "someone/something/0123abc"


def archive_of(files):
    """What GitHub gives for a commit: a folder with the repository's files, gzipped."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(f"self-instruct-0b26cc{path}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def template(lengths):
    rows = ({"prompt": "é" * (length - 1), "completion": "A"} for length in lengths)
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


TEMPLATES = archive_of(
    {
        "/README.md": b"not data",
        T0_FOLDER + "b.jsonl": template([1200, 1201, 2]),
        T0_FOLDER + "a.jsonl": template([9] * 60),
        T0_FOLDER + "c.jsonl": b"",
    }
)
KEPT = [("a.jsonl", number) for number in range(50)] + [("b.jsonl", 0), ("b.jsonl", 2)]


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def served():
    """What the server has: a path's bytes, or a pair of bytes and how many it sends."""
    return {}


@pytest.fixture
def server(served):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = served.get(self.path)
            if found is None:
                return self.send_error(404)
            content, sent = found if isinstance(found, tuple) else (found, len(found))
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:sent])

        def log_message(self, *given):
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}"
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(assets.CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv(instructions.VARIABLE, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def small(served, server, monkeypatch):
    """An asset of two files and a small archive; the server has them all."""
    files = {
        f"{REPOSITORY}/a.json": b"[]",
        f"{REPOSITORY}/b.json": b"[1]",
    }
    served |= {f"/{path}": content for path, content in files.items()}
    served[f"/{T0_ARCHIVE}"] = TEMPLATES
    lines = "".join(line + "\n" for line in kept_lines(TEMPLATES)).encode()
    monkeypatch.setattr(
        instructions,
        "PINNED",
        {"codealpaca": {path: sha256(content) for path, content in files.items()}},
    )
    monkeypatch.setattr(instructions, "T0_SHA256", sha256(lines))
    return instruction_data(server, server)


def kept_lines(archive):
    """What should be kept of an archive, said once more."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        for name, number in KEPT:
            path = next(path for path in members.getnames() if path.endswith(name))
            row = json.loads(members.extractfile(path).readlines()[number])
            yield json.dumps({"file": name, "line": number, **row}, ensure_ascii=False)


def test_what_upstream_serves_is_kept_in_the_readers_own_folders(small, cache):
    folder = fetch(small)
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == ["codealpaca/a.json", "codealpaca/b.json", "t0/t0_short.jsonl.gz"]
    lines = gzip.decompress((folder / "t0" / "t0_short.jsonl.gz").read_bytes()).decode()
    rows = [json.loads(line) for line in lines.splitlines()]
    assert [(row["file"], row["line"]) for row in rows] == KEPT
    assert all(len(row["prompt"]) + len(row["completion"]) <= 1200 for row in rows)


@pytest.mark.parametrize("path", [f"/{REPOSITORY}/b.json", f"/{T0_ARCHIVE}"])
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda content: archive_of({T0_FOLDER + "a.jsonl": template([3])}), "ha(s|ve) SHA-256"),
        (
            lambda content: (content, len(content) - 1),
            "cannot be downloaded .*ended after",
        ),
        (lambda content: None, "cannot be downloaded .HTTP Error 404"),
        (lambda content: b"", "has SHA-256|cannot be read"),
        (lambda content: b"no archive at all", "has SHA-256|cannot be read"),
    ],
)
def test_what_is_not_right_is_one_clear_line_and_nothing_is_kept(
    path, damage, said, small, served, cache
):
    served[path] = damage(served[path])
    with pytest.raises(AssetError, match=said) as caught:
        fetch(small)
    assert "\n" not in str(caught.value) and "INSTRDIV_DATA" in str(caught.value)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("size", [10, 200, len(TEMPLATES) - 8])
def test_an_archive_cut_short_without_a_word_is_refused(size, tmp_path):
    (tmp_path / "cut.tar.gz").write_bytes(TEMPLATES[:size])
    with pytest.raises(AssetError, match="T0's prompts"):
        keep_t0(tmp_path / "cut.tar.gz", tmp_path / "kept.jsonl.gz")
    assert not (tmp_path / "kept.jsonl.gz").exists()


def test_a_server_that_does_not_answer_is_one_clear_line(tmp_path):
    target = tmp_path / "file"
    with pytest.raises(AssetError, match=r"127\.0\.0\.1:9/x cannot .* check the network") as caught:
        WebFile("http://127.0.0.1:9/x", "0" * 64).fetch(target)
    assert "\n" not in str(caught.value) and not target.exists()


def test_a_folder_of_ones_own_wins_over_the_cache(small, cache, tmp_path, monkeypatch):
    fetch(small)
    monkeypatch.setenv("INSTRDIV_DATA", str(tmp_path))
    assert fetch(small) == assets.require(small) == tmp_path


def test_the_pinned_addresses_are_of_commits_and_by_https():
    assert INSTRUCTION_DATA.make.args == (instructions.FILES, instructions.ARCHIVES)
    assert all(server.startswith("https://") for server in INSTRUCTION_DATA.make.args)
    paths = [path for pinned in instructions.PINNED.values() for path in pinned]
    assert all(len(path.split("/")[2]) == 40 for path in paths)
    assert len(T0_ARCHIVE.split("/")[-1]) == 40
