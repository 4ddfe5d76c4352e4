# What people run. `make run` shows the dashboard; `make test` proves it.
PYTHON ?= python3
BIN := .venv/bin
DATA ?= data
DEST ?= wheels
OFFLINE = $(if $(WHEELS),--no-index --find-links $(WHEELS))
export GENOMICS_DATA := $(DATA)
export PYTHONPATH := $(CURDIR)

.PHONY: run test fast check lint bench setup browser lock format peers study sbom wheels spark

run: setup ## Make the demonstration extracts if there is no release yet, load them, and serve on http://localhost:8501
	@$(BIN)/python -m pipelines start
	@GENOMICS_COMPILED="$${GENOMICS_COMPILED:-$(CURDIR)/.venv/compiled}" $(BIN)/streamlit run server.py --server.port 8501

test: setup browser fast ## All tests, the fast ones first
	@$(BIN)/python -m pytest -rs -n 2 --dist loadgroup -m "slow or browser"

check: lint fast ## What to run before a commit: lint and the fast tests

fast: setup
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow and not browser"

lint: setup ## Format, lint, SQL lint, import rules and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/sqlfluff lint -q sql
	@$(BIN)/lint-imports
	@$(BIN)/mypy

bench: setup peers ## Measure the budgets and write docs/benchmarks.md
	@$(BIN)/python -m benchmarks

study: setup ## Laws on a thousand random cases each, whole studies, and every attack on the full release: an hour, not part of CI
	@HYPOTHESIS_PROFILE=study $(BIN)/python -m pytest -n 2 --dist loadgroup tests/methods tests/study tests/attack

setup: .venv/ready ## Make the environment; with WHEELS=folder from the wheels in it alone (make wheels), without a network

.venv/ready: requirements.txt
	@echo "Making the environment in .venv (about a minute)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes $(OFFLINE) --requirement requirements.txt
	@touch $@

wheels: setup ## Fill the folder DEST (wheels) with all that `make setup` installs, for a machine of this kind without a network
	@$(BIN)/python -m pip download --quiet --require-hashes --only-binary :all: --dest $(DEST) --requirement requirements.txt

peers: .venv-peers/ready ## The packages that the methods are measured against, in an environment of their own

.venv-peers/ready: benchmarks/peers.txt
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --require-hashes --requirement benchmarks/peers.txt
	@touch $@

browser: ## Chromium for the browser tests, where the system can install it
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || sh .ci/browser

format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/sqlfluff fix -q sql

LOCK := uv pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate

sbom: setup .venv-sbom/ready ## The packages with their hashes (sbom.json, CycloneDX) and with their licences (licences.csv)
	@.venv-sbom/bin/cyclonedx-py requirements requirements.txt --output-reproducible --of JSON -o sbom.json
	@.venv-sbom/bin/pip-licenses --python=$(BIN)/python --from=mixed --format=csv --output-file=licences.csv >/dev/null

.venv-sbom/ready: deploy/sbom.txt
	@$(PYTHON) -m venv .venv-sbom
	@.venv-sbom/bin/python -m pip install --quiet --require-hashes --requirement deploy/sbom.txt
	@touch $@

spark: setup .venv-spark/ready ## Prove on a Spark cluster on this machine that every table comes out the same; needs Java 17
	@$(BIN)/python -m pytest -rs tests/pipelines/engine/test_on_spark.py

.venv-spark/ready: deploy/spark.txt
	@echo "Installing Spark in .venv-spark (some minutes)"
	@$(PYTHON) -m venv .venv-spark
	@.venv-spark/bin/python -m pip install --quiet --require-hashes --requirement deploy/spark.txt
	@touch $@

lock: ## Compile requirements.in into requirements.txt, and the same for the peers of the benchmarks, `make sbom` and `make spark`
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) benchmarks/peers.in -o benchmarks/peers.txt
	@$(LOCK) deploy/sbom.in -o deploy/sbom.txt
	@$(LOCK) deploy/spark.in -o deploy/spark.txt
