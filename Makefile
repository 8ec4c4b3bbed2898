# Targets say what they do; `make` alone lists them. Needs Python 3.11 or newer, and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_DB := build/demo.db

.DEFAULT_GOAL := help
.PHONY: help demo test check format schema scores readme screenshots bench peers lock clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(READY) ## extract claims from the bundled examples, offline, and show them
	@mkdir -p $(dir $(DEMO_DB)) && rm -f $(DEMO_DB)*
	$(BIN)/extractor run evals/examples.jsonl --model patterns -o $(DEMO_DB)
	$(BIN)/extractor show $(DEMO_DB)

test: $(READY) ## run the whole test suite
	$(BIN)/python -m pytest -n auto

check: $(READY) ## run the linters, the type checker and the layer contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(READY) ## write schemas/ anew from the models
	$(BIN)/extractor schema > schemas/extraction.schema.json
	$(BIN)/extractor schema tables > schemas/tables.md
	$(BIN)/python -m tests.sql_schema

scores: $(READY) ## score the offline extractor anew; CORPUS=FOLDER for the published abstracts too
	@mkdir -p evals/scorecards
	$(BIN)/extractor eval restated --model patterns -o evals/scorecards/patterns.restated.json
	$(BIN)/extractor gold agreement restated.annotator_a restated.annotator_b --json > 'evals/scorecards/two people.restated.json'
	$(BIN)/extractor gold agreement daily_papers.annotator_a daily_papers.annotator_b --json > 'evals/scorecards/two people.daily_papers.json'
ifdef CORPUS
	$(BIN)/extractor eval daily_papers --corpus $(CORPUS) --model patterns -o evals/scorecards/patterns.daily_papers.json
endif

readme: $(READY) ## renew the output that the README shows
	$(BIN)/python -m tests.readme

screenshots: $(READY) ## take the pictures of the pages in docs/ anew
	EXTRACTOR_SCREENSHOTS=1 $(BIN)/python -m pytest -n 0 $$(grep -l keep_screenshot tests/*/test_*.py)

bench: $(READY) ## run the benchmarks and write benchmarks/RESULTS.md; SECTION=NAME for one of them
	$(BIN)/python -m benchmarks $(SECTION)

peers: ## make an environment with LangExtract, which `make bench` then compares with
	$(PYTHON) -m venv build/peers
	build/peers/bin/python -m pip install --quiet 'langextract[openai]'

lock: ## write constraints.txt anew from the newest versions that fit
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --editable '.[dev]'
	build/lock/bin/python -m pip freeze --exclude-editable --exclude claim-extractor > constraints.txt

clean: ## remove the environment and everything that was built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
