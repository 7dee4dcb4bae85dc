# Two commands: `make demo` and `make test`. Each sets up what it needs; a second call starts at once.

bin := .venv/bin

# Bytecode is worth having even where the machine says otherwise: importing TensorFlow without it takes ten seconds more.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup torch demo test examples check light lock bench clean

help:
	@echo "make demo    set up, then run the whole story on real data in a scratch repository"
	@echo "make test    set up, then every check and every test"
	@echo "make examples  every example whole, which takes minutes: for the night"
	@echo "make check   lint, format, types and import contracts"
	@echo "make light   the light half's tests, without TFX, on the oldest and newest CPython found; between, what reads code"
	@echo "make bench   the benchmarks"
	@echo "make lock    locks/ anew from pyproject.toml (ARGS=--upgrade for newer versions)"
	@echo "make clean   remove environments and caches"

setup:
	@tools/setup

# The tests of the PyTorch steps need it; nothing else does.
torch: setup
	@tools/setup torch

demo: setup
	@$(bin)/python -m zenrepo.cli demo $(ARGS)

# The light half's tests have run without TFX by then; the run with it comes last, so that its closing line is the last.
test: check light torch
	$(bin)/python -m pytest -n 2 --dist loadfile -m "heavy or imports" --durations 12 $(ARGS)

check: setup
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/lint-imports

examples: torch
	@tools/examples $(ARGS)

light: setup
	@tools/setup light
	@printf '%s\n' .venv-light-* | xargs -n 1 -P 2 tools/light-test

lock: setup
	@tools/lock $(ARGS)

bench: setup
	$(bin)/python -m benchmarks $(ARGS)

clean:
	rm -rf .venv .venv-light-* .tools build dist .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find zenrepo tests tools -name __pycache__ -prune -exec rm -rf {} +
