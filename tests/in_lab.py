"""A JupyterLab server on a scratch copy of the notebooks, and a browser that can reach it alone."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from in_browser import WAIT
from playwright.sync_api import Browser, Page, Route

from instrdiv.charts.theme import JUPYTER
from instrdiv.paths import RESULTS, project_root

TOKEN = "only-for-this-test"
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight are there too
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
READY = """() => window.jupyterapp?.commands.hasCommand('docmanager:open')"""
OPEN = """async path => {
  await jupyterapp.restored;
  window.opened = await jupyterapp.commands.execute('docmanager:open', {path});
  await opened.context.ready;
  await opened.context.sessionContext.ready;
}"""
RUN = """() => {
  window.ran = null;
  jupyterapp.commands.execute('notebook:run-all-cells').then(right => { window.ran = [right]; });
}"""
DRAWN = """() => [...opened.node.querySelectorAll('.jp-RenderedVegaCommon5')].every(
  figure => figure.querySelector('svg.marks'))"""
LOOK = """JUPYTER => {
  const all = selector => [...opened.node.querySelectorAll(selector)];
  const outputs = [...opened.content.widgets].flatMap(
    cell => cell.model.type === 'code' ? cell.model.sharedModel.toJSON().outputs : []);
  return {
    figures: all('.jp-RenderedVegaCommon5').map(figure => {
      const svg = figure.querySelector('svg.marks');
      return {
        name: figure.querySelector('[aria-roledescription=visualization]')?.ariaLabel ?? '',
        shapes: svg?.querySelectorAll('g.role-mark > *').length ?? 0,
        width: svg?.clientWidth ?? 0,
        height: svg?.clientHeight ?? 0,
        room: figure.clientWidth,
      };
    }),
    wanted: outputs.filter(output => JUPYTER in (output.data ?? {})).length,
    errors: outputs.filter(output => output.output_type === 'error' || output.name === 'stderr')
      .map(output => output.evalue ?? output.text).concat(
        all('.jp-OutputArea-output').map(output => output.innerText).filter(
          text => text.includes('Javascript Error') || text.includes('JavaScript Error'))),
    text: all('.jp-RenderedMarkdown, .jp-RenderedHTML').map(part => part.innerText).join('\\n'),
    nameless: all('.jp-RenderedMarkdown a[href]:not(.jp-InternalAnchorLink)').filter(
      link => !link.textContent.trim()).length,
    folds: all('.jp-MarkdownCell details').map(fold => [fold.innerText.trim(), fold.open]),
    trusted: opened.content.widgets.every(
      cell => cell.model.type !== 'code' || cell.model.trusted),
  };
}"""


@dataclass
class Figure:
    """A chart in an output: its text alternative, its marks, its box and the room it has."""

    name: str
    shapes: int
    width: int
    height: int
    room: int


@dataclass
class Seen:
    """What a reader sees of an open notebook."""

    figures: list[Figure]
    wanted: int
    """Outputs that hold a chart."""
    errors: list[str]
    text: str
    nameless: int
    """Links without a word to click on."""
    folds: list[tuple[str, bool]]
    """What is seen of each part that folds, and whether it is open."""
    trusted: bool


@dataclass
class Lab:
    """A running server and its folder."""

    folder: Path
    address: str
    browser: Browser
    foreign: list[str] = field(default_factory=list)
    """What the browser asked other hosts for, in vain."""
    faults: list[str] = field(default_factory=list)
    """Errors that no cell raised, but the page."""

    def page(self) -> Page:
        page = self.browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(WAIT)
        page.route("**/*", self._only_the_server)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(f"{self.address}/lab?reset&token={TOKEN}")
        page.wait_for_function(READY)
        return page

    def _only_the_server(self, route: Route) -> None:
        if route.request.url.startswith((self.address, "data:", "blob:")):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()


def look_into(page: Page, path: str, *, run: bool) -> Seen:
    """Open a notebook, run all its cells if wanted, and look when all is drawn.

    Args:
        path: of the notebook, within the server's folder.
    """
    page.evaluate(OPEN, path)
    if run:
        page.evaluate(RUN)
        page.wait_for_function("() => window.ran")
        assert page.evaluate("() => window.ran[0]"), f"{path}: a cell failed"
    page.wait_for_function(DRAWN)
    seen = page.evaluate(LOOK, JUPYTER)
    return Seen(figures=[Figure(**each) for each in seen.pop("figures")], **seen)


def scratch_copy(folder: Path) -> None:
    """The notebooks as they are in git, and what they link to."""
    for name in ("notebooks", "book"):
        (folder / name).mkdir(parents=True)
        for path in (project_root() / name).iterdir():
            if path.suffix in (".ipynb", ".md", ".bib"):
                shutil.copy(path, folder / name)


def at_scale(path: Path, scale: str) -> None:
    """Change the scale in a notebook's parameters, as its reader would."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    (cell,) = [c for c in notebook["cells"] if "parameters" in c["metadata"].get("tags", [])]
    changed = re.sub(r'(?m)^scale = "\w+"', f'scale = "{scale}"', "".join(cell["source"]))
    cell["source"] = changed
    path.write_text(json.dumps(notebook), encoding="utf-8")


@contextlib.contextmanager
def lab_on(folder: Path, browser: Browser):
    """JupyterLab on a folder with a scratch copy; it writes nothing outside of it."""
    own = folder.parent / "jupyter"
    for name, settings in SETTINGS.items():
        file = own / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "runtime"}
    environment = os.environ | {f"JUPYTER_{name}": str(own / place) for name, place in told.items()}
    environment |= {
        "JUPYTERLAB_SETTINGS_DIR": str(own / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(own / "workspaces"),
        "PYTHONPATH": str(project_root()),
        RESULTS: str(folder / "results"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += [f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"]
    command += [f"--IdentityProvider.token={TOKEN}", "--LabApp.expose_app_in_browser=True"]
    address = f"http://127.0.0.1:{port}"
    with (own / "log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
        try:
            wait_for(server, f"{address}/api/status?token={TOKEN}", own / "log")
            yield Lab(folder, address, browser)
        finally:
            server.terminate()
            server.wait(30)


def wait_for(server: subprocess.Popen, url: str, log: Path) -> None:
    """Until the server answers.

    Raises:
        AssertionError: it ended, or does not answer in time; with the end of its log.
    """
    end = time.monotonic() + WAIT / 1000
    while server.poll() is None and time.monotonic() < end:
        with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(url, timeout=10):
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-2000:])
