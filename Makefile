.DEFAULT_GOAL := help
.PHONY: help setup demo assets quick test e2e check format bench load faults sbom clean

BIN := .venv/bin
# A name on PATH may be a version manager's shim, so each Python is run.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# Tests start hundreds of processes; without compiled files each would compile the package.
unexport PYTHONDONTWRITEBYTECODE
# Many tests wait for other processes, so there is one worker more than cores, up to four.
WORKERS := $(shell python3 -c 'import os; print(min((os.cpu_count() or 1) + 1, 4))' 2>/dev/null || echo 2)
# The layers that need no server, process or browser; the tests among them that need PostgreSQL are marked.
QUICK := tests/domain tests/projections tests/application tests/architecture
UV := $(or $(shell command -v uv),$(BIN)/uv)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' Makefile

setup: .venv/.ready ## install the package and its tools into .venv

demo: .venv/.runtime ## serve the web pages with made-up users and temporary data
	@$(BIN)/brugerbog demo

assets: .venv/.runtime ## download the design system again
	@rm -rf src/brugerbog/entrypoints/web/dkfds
	@$(UV) pip install --quiet --python $(BIN)/python --reinstall-package brugerbog --no-deps --editable .

quick: .venv/.ready ## run the tests of the inner layers in memory, within a minute
	$(BIN)/pytest $(QUICK) -m "not postgres" -k "not sqlite" -n $(WORKERS) --dist worksteal

test: .venv/.ready ## run all tests
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

e2e: .venv/.ready ## run the browser tests: the guide's jobs and every page
	BRUGERBOG_REQUIRE_BROWSER=1 $(BIN)/pytest tests/e2e --full -n auto --maxprocesses 4

check: .venv/.ready ## check lint, format, types and import contracts
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.ready ## fix lint and format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: .venv/.ready ## run the benchmarks and write docs/benchmarks.md
	$(BIN)/python -m bench

load: .venv/.ready ## benchmark the HTTP API under a mixed load
	$(BIN)/python -m bench load

faults: .venv/.ready ## run the fault tests at their full figures
	$(BIN)/pytest tests/faults --full

sbom: .venv/.runtime ## list every installed dependency in build/sbom.json (CycloneDX)
	@mkdir -p build
	@$(UV) tool run --quiet --from 'cyclonedx-bom>=7,<8' cyclonedx-py environment $(BIN)/python --output-format JSON --output-file build/sbom.json
	@echo build/sbom.json

clean: ## remove everything that make created
	rm -rf .venv .demo .e2e .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis build dist
	find src tests bench -name __pycache__ -type d -exec rm -rf {} + 2>/dev/null || true

.venv/.runtime: pyproject.toml
	@test -n "$(PYTHON)" || { echo "Brugerbog needs Python 3.11 or newer; choose one with 'make PYTHON=/path/to/python'." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "$(PYTHON) can't create environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo "Setting up .venv …" >&2
	@$(UV) pip install --quiet --python $(BIN)/python --editable '.[web,scim,metrics]'
	@touch $@

.venv/.ready: .venv/.runtime
	@$(UV) pip install --quiet --python $(BIN)/python --editable '.[web,scim,metrics]' --group dev
	@touch $@
