# make book, make test and make lab each set up all they need in .venv first.
PYTHON ?= python3
EDITION ?= published
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Installs with uv, in a third of pip's time; with pip where uv cannot be had or fails.
install = { [ -x $(BIN)/uv ] && $(BIN)/uv pip install --quiet --python $(BIN)/python $(1); } || \
	$(PIP) install --quiet $(1)
# Written when an installation is complete, so that one cut short is done again.
READY := .venv/.ready
# On Linux PyPI's PyTorch brings gigabytes of CUDA along; here is the build for processors alone.
TORCH_CPU := https://download.pytorch.org/whl/cpu

# uv leaves compiling to the first import; where that may not write, each kernel would begin anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help book pdf slides test soak lab lint clean

help:
	@echo "make book   execute the notebooks from records, set the pages: _build/html/index.html"
	@echo "make book EDITION=instructor   … with all solutions open; EDITION=student: without any"
	@echo "make pdf    the book as one PDF (needs Chromium): _build/instrdiv.pdf"
	@echo "make slides slides for a class, and of each experiment: _build/slides"
	@echo "make test   check style and types, run all tests (needs Chromium)"
	@echo "make soak   run the tests that take minutes: hostile programs, faults of sweeps, clusters,"
	@echo "            and all of what make test tries a sample of"
	@echo "make lab    open JupyterLab on the notebooks, with your runs in reach"
	@echo "make lint   check style and types alone"
	@echo "make clean  remove what was built; recorded runs and .venv stay"

book: $(READY)
	@$(BIN)/python -m instrdiv book --edition $(EDITION)

pdf: book
	@$(BIN)/python -m instrdiv pdf

slides: book
	@$(BIN)/python -m instrdiv slides

# The tests of a file share a worker, since they may share a trained model; the book that several
# files look at is built once for all workers, and the longest files come first: tests/conftest.py.
# MBPP is fetched for its tests if it can be had; what was skipped is told at the end, with why.
test: lint
	@$(BIN)/python -m instrdiv assets MBPP || echo "the tests that need MBPP will be skipped"
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

soak: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m soak

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lab: $(READY)
	$(BIN)/jupyter lab --config=notebooks/lab_config.py

clean:
	rm -rf _build runs/notebooks

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  found=`$(PYTHON) --version 2>&1 || true`; \
	  echo "Python 3.11 or newer is needed; found: $$found. Name one: make book PYTHON=python3.12" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "Python's modules venv and ensurepip are needed (Debian: apt install python3-venv)" >&2; \
	  exit 1; }
	@rm -f $(READY)
	@echo "installing into .venv; this is done once and takes some minutes"
	@$(PYTHON) -m venv .venv
	@torch=`sed -n 's/^torch==/&/p' requirements.txt`; \
	if [ "`uname -s`" = Linux ] && ! command -v nvidia-smi >/dev/null; then \
	  $(PIP) install --quiet --no-deps --retries 0 --timeout 15 --index-url $(TORCH_CPU) $$torch \
	    2>/dev/null || { \
	      echo "no $$torch at $(TORCH_CPU): taking the one that pip finds elsewhere"; \
	      $(PIP) install --quiet --no-deps $$torch; }; \
	fi
	@$(PIP) install --quiet uv==0.13.9 || true
	@$(call install,--requirement requirements.txt)
	@# evalplus without the clients of other hosts' models that it would bring along.
	@$(call install,--no-deps evalplus==0.3.1 --editable .)
	@touch $(READY)
