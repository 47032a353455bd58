# Every target creates .venv if it is missing, and installs again only if pyproject.toml has changed.
# On Windows, make needs the shell of Git for Windows.
ifeq ($(OS),Windows_NT)
PYTHON ?= python
SCRIPTS := Scripts
else
PYTHON ?= python3
SCRIPTS := bin
endif
BIN := .venv/$(SCRIPTS)
# The tests of a file run in one process, because they share fixtures and traced networks. The files
# start in the order that tests/conftest.py gives: the slowest first.
IN_PARALLEL := --numprocesses auto --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-fast test-oldest test-newest coverage fuzz lint docs bench dist clean
.PRECIOUS: .venv/.installed-%

# TensorFlow writes some lines at import that its log level does not silence. They are left out.
demo: .venv/.installed-demo
	@mkdir -p build
	@MPLBACKEND=Agg TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python docs/run_examples.py build/figures \
	    examples/start/plot_01_*.py examples/start/plot_02_*.py 2>build/stderr.log; \
	status=$$?; \
	grep -v -e 'before absl::InitializeLog' -e '^[IW]0000 ' build/stderr.log >&2; \
	exit $$status

# `make docs` runs the examples and tests what they compute.
test: .venv/.installed-demo .venv/.installed-test .venv/.installed-interop
	$(BIN)/python -m pytest $(IN_PARALLEL) --ignore tests/examples

# Without the tests that take more than about three seconds.
test-fast: .venv/.installed-demo .venv/.installed-test
	$(BIN)/python -m pytest $(IN_PARALLEL) --ignore tests/examples -m "not slow"

# All tests with the oldest versions that pyproject.toml allows: PYTHON=python3.10 make test-oldest
test-oldest: .venv-oldest/.installed
	.venv-oldest/$(SCRIPTS)/python -m pytest $(IN_PARALLEL)

# All tests with the newest released versions, in a new environment.
test-newest:
	rm -rf .venv-newest
	$(PYTHON) -m venv .venv-newest
	.venv-newest/$(SCRIPTS)/python -m pip install --quiet --disable-pip-version-check \
	    --editable ".[demo,test]"
	.venv-newest/$(SCRIPTS)/python -m pytest $(IN_PARALLEL)

# Fails below the floor in pyproject.toml.
coverage: .venv/.installed-demo .venv/.installed-test
	$(BIN)/python -m pytest $(IN_PARALLEL) --cov --cov-report=term --cov-report=html:build/coverage

# More random documents, matrices and damaged files than `make test` draws, and new ones each time.
fuzz: .venv/.installed-demo .venv/.installed-test
	$(BIN)/python -m pytest --hypothesis-profile=fuzz \
	    tests/feature_extraction/test_multi_hot_properties.py \
	    tests/neural_network/test_fit_properties.py \
	    tests/datasets/test_datasets_damage.py

lint: .venv/.installed-test .venv/.installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/ruff format --check --line-length 84 docs/*.md docs/*/*.md
	$(BIN)/codespell
	$(BIN)/python -m pytest tests/typing

# The examples run, and are tested, while the pages are built. A broken link is an error, and so is a
# page that would load anything from another site.
docs: .venv/.installed-demo .venv/.installed-test .venv/.installed-docs
	rm -rf build/docs
	$(BIN)/python -m sphinx -d build/doctrees --fail-on-warning --keep-going --nitpicky --quiet \
	    docs build/docs
	$(BIN)/python docs/check_html.py build/docs
	$(BIN)/python docs/check_accessibility.py build/docs

bench: .venv/.installed-demo .venv/.installed-bench
	@for script in benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done

# The wheel and the sdist, in dist/. `make test` builds and tests them as well.
dist: .venv/.installed-dist
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/python -m twine check --strict dist/*

clean:
	rm -rf .venv .venv-oldest .venv-newest build dist .hypothesis .pytest_cache .ruff_cache .coverage*
	rm -rf docs/auto_examples docs/generated
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed-%: pyproject.toml | $(BIN)/activate
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$*]"
	@touch $@

$(BIN)/activate:
	$(PYTHON) -m venv .venv

.venv-oldest/.installed: pyproject.toml .ci/oldest.py
	rm -rf .venv-oldest
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/$(SCRIPTS)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	    --editable .
	.venv-oldest/$(SCRIPTS)/python .ci/oldest.py > .venv-oldest/constraints.txt
	.venv-oldest/$(SCRIPTS)/python -m pip install --quiet --disable-pip-version-check \
	    --constraint .venv-oldest/constraints.txt --editable ".[demo,test]"
	@touch $@
