# Everything a newcomer needs: `make demo`, then `make test`.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do if $$p -c 'import sys; sys.exit(not (3,11) <= sys.version_info[:2] <= (3,13))' >/dev/null 2>&1; then command -v $$p; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
DEMO := demo
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Python keeps what it compiles, in one place that `make clean` removes: many tests start the program anew.
export PYTHONDONTWRITEBYTECODE :=
export PYTHONPYCACHEPREFIX := $(abspath $(VENV))/bytecode
EVERYDAY := not slow and not acceptance

.PHONY: bundle-offline docs docs-serve demo demo-serve demo-desk test test-all check generate bench clean help

help:
	@echo "make demo      set everything up, review the shipped real record, write the report under $(DEMO)/"
	@echo "make demo-serve  show it in a browser on this machine, with the page for giving a file; Ctrl-C ends it"
	@echo "make demo-desk serve a force's desk with a made-up deployment half way through; prints its accounts; Ctrl-C ends it"
	@echo "make test      set everything up, run the everyday tests (under three minutes)"
	@echo "make test-all  the everyday tests, then the long ones and the acceptance tests"
	@echo "make check     lint, types, layers, what nothing reaches, measures of the house, stale pages"
	@echo "make generate  write again every page, schema and test vector that the program makes"
	@echo "make docs      build the documentation as a site under site-docs/; make docs-serve shows it in a browser"
	@echo "make bench     time the product against the figures it promises and against its peers"
	@echo "make bundle-offline  all that an installation without a network needs, with an SBOM and the licences"
	@echo "make clean     remove what these made"

# One recipe for every environment: a lock with hashes, then this package on top without asking the network again.
define install
	@test -n "$(PYTHON)" || { echo "countersign needs Python 3.11, 3.12 or 3.13; none was found. Install python3 and python3-venv, or give make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "could not make $(VENV): on Debian and Ubuntu install the package python3-venv"; exit 1; }
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install -q --python $(BIN)/python --require-hashes -r $(1) && uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
	  $(BIN)/python -m pip install -q --require-hashes -r $(1) && $(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .; \
	fi
	@touch $@
endef

$(VENV)/.run: requirements/run.lock pyproject.toml
	$(call install,requirements/run.lock)

$(VENV)/.dev: requirements/dev.lock pyproject.toml
	$(call install,requirements/dev.lock)
	@touch $(VENV)/.run

$(VENV)/.peers: requirements/peers.lock pyproject.toml
	$(call install,requirements/peers.lock)
	@touch $(VENV)/.run $(VENV)/.dev

$(VENV)/.bench: requirements/bench.lock pyproject.toml
	$(call install,requirements/bench.lock)
	@touch $(VENV)/.run $(VENV)/.dev

demo: $(VENV)/.run
	@$(BIN)/python tools/demo.py --out $(DEMO)

demo-serve: $(VENV)/.run
	@$(BIN)/python tools/demo_serve.py --out $(DEMO)

demo-desk: $(VENV)/.run
	@$(BIN)/countersign desk rehearse $(DEMO)/desk

test: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "$(EVERYDAY)"

# In one run of make the everyday tests run once: `make check test test-all` runs every test once.
test-all: test $(VENV)/.peers
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not ($(EVERYDAY))"

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.reachable
	$(BIN)/python -m tools.house
	$(BIN)/python -m tools.generate --check

generate: $(VENV)/.dev
	$(BIN)/python -m tools.generate

docs: $(VENV)/.dev
	$(BIN)/python -m sphinx -q -W --keep-going -c docs/site -d $(VENV)/doctrees . site-docs
	@echo "Written: site-docs/docs/site/index.html; it works from disk"

docs-serve: docs
	@echo "On this machine alone, until Ctrl-C: http://127.0.0.1:8000/docs/site/"
	@$(BIN)/python -m http.server -b 127.0.0.1 -d site-docs 8000

bundle-offline: $(VENV)/.peers
	$(BIN)/python -m tools.bundle_offline --out offline

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) $(DEMO) build site-docs offline .pytest_cache .mypy_cache .ruff_cache .hypothesis benchmarks/out src/*.egg-info
