# make book, make test and make lab each set up all they need in .venv first.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help book test lab lint clean

help:
	@echo "make book   build the book from recorded runs: _build/html/book/index.html"
	@echo "make test   check style, run all tests (needs Chromium)"
	@echo "make lab    open JupyterLab on the notebooks"
	@echo "make clean  remove what was built; recorded runs and .venv stay"

book: $(READY)
	$(BIN)/python -m instrdiv book

test: $(READY) lint
	$(BIN)/python -m pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lab: $(READY)
	$(BIN)/jupyter lab --notebook-dir=notebooks

clean:
	rm -rf _build runs/notebooks

# The stamp is written last, so an installation that was cut short is done again.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed; found: `$(PYTHON) --version 2>&1`. Name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is needed (Debian: apt install python3-venv)" >&2; exit 1; }
	rm -f $(READY)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $(READY)
