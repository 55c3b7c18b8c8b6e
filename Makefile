# `make demo` shows what cnndsl does, `make test` installs what the tests need and passes them.
# Both want Python ≥ 3.11 with its venv module and nothing else; PYTHON=python3.12 picks another one.

PYTHON ?= python3
PYTEST ?= -n 2
BIN := .venv/bin
#: A change of any of these wants a new installation.
SOURCES := pyproject.toml constraints.txt hatch_build.py cnndsl/__init__.py cnndsl/syntax/grammar.py grammars/cnn.lark

.PHONY: demo test clean

demo: .venv/installed
	$(BIN)/cnndsl check alexnet
	$(BIN)/cnndsl build alexnet -o demo
	@if $(BIN)/python -c 'import torch' 2> /dev/null; then \
		echo '$(BIN)/python demo/alexnet.py'; $(BIN)/python demo/alexnet.py; \
	else \
		echo 'PyTorch is not installed here, so demo/alexnet.py was not run; `make test` installs it.'; \
	fi

test: .venv/installed-for-tests
	$(BIN)/python -m pytest $(PYTEST)

clean:
	rm -rf .venv build demo dist .hypothesis .mypy_cache .pytest_cache .ruff_cache

.venv/installed: .venv/created $(SOURCES)
	$(BIN)/python -m pip install --quiet -e . -c constraints.txt
	@touch $@

.venv/installed-for-tests: .venv/created $(SOURCES)
	$(BIN)/python -m pip install --quiet -e '.[test,torch]' -c constraints.txt
	@touch .venv/installed $@

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cnndsl needs Python 3.11 or newer: make PYTHON=…")'
	$(PYTHON) -m venv .venv
	@touch $@
