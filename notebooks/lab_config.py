"""What `make lab` opens: the book's notebooks, and within reach those of the reader's own runs."""

import os
from urllib.parse import quote

from instrdiv.paths import beside, own_results, project_root

book = project_root()
root = os.path.commonpath([book, beside(own_results(), "notebooks").resolve()])

c = get_config()  # Jupyter gives it to its files of settings
c.ServerApp.root_dir = root
c.LabApp.default_url = "/lab/tree/" + quote((book / "notebooks").relative_to(root).as_posix())
# Its overrides.json: the book needs neither news nor updates, nor a question about them.
c.LabApp.app_settings_dir = str(book / "book" / "jupyterlab")
