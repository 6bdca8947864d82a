# One command from clone to a working portal: `make run`. One to a green suite: `make test`. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
# Workers of pytest: a number, "logical" for one per core, or 0 for none.
TEST_WORKERS ?= logical

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: .venv ## The portal at http://localhost:8000/, with everything it needs, until Ctrl-C
	@exec $(PY) -m devtools

test: system .venv messages lint types ## Everything that CI checks: lint, types, all tests (ORDER=random)
	@exec $(PY) -m pytest -n $(TEST_WORKERS) --maxprocesses 8

unit: .venv messages ## The tests without the browser and the faults, stopping at the first failure
	@exec $(PY) -m pytest -n $(TEST_WORKERS) --maxprocesses 8 -x -q -m "not browser" --ignore tests/faults

explore: .venv messages ## The random stories with fresh seeds for MINUTES=20; SEED=… repeats a round
	@exec env TEST_WORKERS=$(TEST_WORKERS) $(PY) -m devtools.explore

lint: .venv ## Style (ruff)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: .venv ## Types (mypy)
	@DATABASE_URL=postgresql:///none REDIS_URL=redis://none SECRET_KEY=only-for-mypy-which-imports-the-settings-and-nothing-else \
		SMS_BACKEND=memory IDENTITY_BACKEND=reference $(PY) -m mypy .

bench: .venv messages ## The benchmarks, as tables
	@exec $(PY) -m benchmarks $(ONLY)

messages: .venv ## Compile the translations
	@$(PY) -m devtools.messages

lock: ## Renew requirements.txt and requirements-dev.txt from pyproject.toml
	@devtools/lock.sh

.venv:
	@devtools/setup.sh

system:
	@devtools/system_packages.sh

.PHONY: help run test unit explore lint types bench messages lock .venv system
