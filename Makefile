# From a fresh clone to a working portal: `make run`; to a green suite: `make test`. `make help` lists every target.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
# Workers of pytest: a number, "logical" for one per core, or 0 for none.
TEST_WORKERS ?= logical
# What the settings ask for, for commands that import them and connect to nothing.
SETTINGS_ONLY := DATABASE_URL=postgresql:///none REDIS_URL=redis://none SMS_BACKEND=memory IDENTITY_BACKEND=reference \
	SECRET_KEY=only-for-commands-which-import-the-settings-and-nothing-else

help: ## This list
	@sed -n 's/^\([a-z.-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: .venv ## The portal at http://localhost:8000/, with everything it needs, until Ctrl-C (PORT, DATA_DIR, …)
	@exec $(PY) -m devtools

test: system .venv foreign messages lint types ## Everything that CI checks: lint, types, all tests (ORDER=random, AT=time)
	@exec $(PY) -m pytest -n $(TEST_WORKERS) --maxprocesses 8 --dist worksteal

unit: .venv messages ## The tests without the browser and the faults, stopping at the first failure
	@exec $(PY) -m pytest -n $(TEST_WORKERS) --maxprocesses 8 --dist worksteal -x -q -m "not browser" --ignore tests/faults

faults: .venv messages ## Every part of the portal killed and restarted under load, for minutes; not part of `make test`
	@exec env FAULTS=on $(PY) -m pytest tests/faults/campaign

explore: .venv messages ## The random stories with fresh seeds for MINUTES=20; SEED=… repeats a round
	@exec env TEST_WORKERS=$(TEST_WORKERS) $(PY) -m devtools.explore

lint: .venv ## Style (ruff)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: .venv ## Types (mypy)
	@$(SETTINGS_ONLY) $(PY) -m mypy .

migrations: .venv ## Migrations for what has changed in the models (NAME=what_changed)
	@$(SETTINGS_ONLY) $(PY) -W ignore manage.py makemigrations -n $(NAME)

mutants: .venv messages ## Changes the rules, one expression at a time: does a test notice? ROOM=otp for one room
	@exec $(PY) -m devtools.mutants $(ROOM)

bench: .venv messages ## Measure, into docs/performance.md (ONLY=name for one, SCALE=0.05 to try)
	@exec $(PY) -m benchmarks $(ONLY)

asvs: .venv ## Write docs/asvs.md, what holds of OWASP ASVS 5.0, from docs/asvs.csv
	@$(PY) -m devtools.asvs

sbom: .venv ## The bill of materials (CycloneDX) of the lock files, into build/sbom
	@$(PY) -m devtools.sbom

outdated: .venv ## Which locked packages are behind their newest patch (needs the package index)
	@exec $(PY) -m devtools.outdated

audit: .venv messages ## Scanners over source, packages and a running portal (ONLY="bandit pip-audit" for some)
	@exec $(PY) -m devtools.audit $(ONLY)

guide: .venv messages ## Pictures and printable files of both guides, from the pages as they are (ONLY=users, ONLY=desk)
	@exec $(PY) -m devtools.guide $(ONLY)

messages: .venv ## Compile the translations
	@$(PY) -m devtools.messages

lock: ## Write requirements*.txt anew from pyproject.toml (UPGRADE=1: with newer versions)
	@devtools/lock.sh

.venv: ## The locked dependencies, or nothing when they are there
	@devtools/setup.sh

system: ## What the tests need beyond Python: Chromium, gettext, nginx, openssl, systemd-analyze, Firefox, Apache, installed where that is allowed
	@devtools/system_packages.sh

foreign: .venv ## The client of npm that signs people in here in a test, where Node 20 and npm are
	@devtools/node_packages.sh

.PHONY: help run test unit faults explore lint types mutants bench asvs sbom outdated audit guide messages migrations lock .venv system foreign
