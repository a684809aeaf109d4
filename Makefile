# Every command works in a fresh clone: the environment is made, or repaired, on the way.
SHELL := /bin/sh
PYTHON ?=
BIN := .venv/bin
PORT ?= 8000
export PYTHON
# Small arrays run faster, and print the same digits, on one thread.
export OMP_NUM_THREADS := 1
export JUPYTER_PLATFORM_DIRS := 1

.PHONY: help env book pdf test lint types labs serve live lab clean

help: ## show this list
	@echo "Descent, a book on optimization for deep learning"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-13s %s\n", $$1, $$2}'
	@echo
	@echo "PYTHON=/path/to/python3 chooses the interpreter that makes the environment."

env: ## make or repair the virtual environment in .venv
	@tools/environment.sh

book: env ## build the book and print the path to open
	@tools/build.sh

pdf: book ## print the whole book into _build/descent.pdf (needs Chromium)
	@$(BIN)/python -m descent.publish.pdf

test: env lint types book labs ## lint, type check, build, labs, unit, doc and browser tests
	@$(BIN)/python -m pytest -n 2 --dist loadgroup --durations=20 --durations-min=5

lint: env
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: env
	@$(BIN)/mypy

labs: env ## re-run the labs and compare every stored output
	@DESCENT_DEVICE=cpu $(BIN)/python -m pytest --nbval --nbval-current-env -n 2 --dist loadfile book/labs

serve: env ## serve the built book on the loopback address
	@$(BIN)/python -m descent.publish.serve $(PORT)

live: env ## serve the built book with a kernel: code on the pages can be changed and run
	@$(BIN)/python -m descent.publish.live

lab: env ## open JupyterLab on the labs
	@$(BIN)/jupyter lab --allow-root --ServerApp.root_dir=book labs

clean: ## remove the built book; .venv and the caches of long runs stay
	@rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis
