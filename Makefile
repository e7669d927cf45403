# make demo   set up, audit the packaged sample, end with the path of the report
# make test   set up for development, check imports, style and types, run the tests
# make lint   the checks without the tests
# make docs   the documentation as pages: build/site/index.html
# make clean  remove caches and builds (not .venv)
#
# Needs Python 3.11 or newer with venv, git and make. Everything else goes into .venv.

SHELL := /bin/sh
VENV ?= .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
# Spark needs Java, and is large: it comes along only where Java is.
EXTRAS := dev,lab,cluster$(shell command -v java >/dev/null 2>&1 && echo ,spark)
PIP := $(RUN) -m pip --disable-pip-version-check install --quiet --quiet --constraint constraints.txt

.PHONY: demo test lint docs clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.ready
	@$(BIN)/leadaudit demo

lint: $(VENV)/.ready-dev
	@$(RUN) -m ruff check
	@$(RUN) -m ruff format --check --quiet
	@$(BIN)/lint-imports --no-logo
	@$(RUN) -m mypy

test: lint
	@$(RUN) -m pytest --numprocesses logical --dist loadfile $(PYTEST)

docs: $(VENV)/.ready-dev
	@NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict --quiet
	@echo build/site/index.html

clean:
	rm -rf build dist .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# A stamp newer than what it depends on makes the second run instant. An environment that
# works is kept and completed, never replaced.
$(VENV)/.ready: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing leadaudit into $(VENV), once; this takes a minute."
	@$(PIP) --editable .
	@touch $@

$(VENV)/.ready-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing leadaudit and its development tools into $(VENV), once; this takes a few minutes."
	@$(PIP) --editable '.[$(EXTRAS)]'
	@touch $@ $(VENV)/.ready

$(VENV)/bin/python:
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	  command -v "$$python" >/dev/null 2>&1 || continue; \
	  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    exec "$$python" -m venv $(VENV); \
	  fi; \
	  without="$$python"; \
	done; \
	if [ -n "$$without" ]; then \
	  echo "$$without has no venv: install it (on Debian and Ubuntu: apt install python3-venv) and run make again." >&2; \
	else \
	  echo "No Python 3.11 or newer was found: install one, or name it: make PYTHON=/path/to/python3" >&2; \
	fi; exit 1
