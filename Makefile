# Every target creates .venv when it is missing and installs again only when pyproject.toml changed.
PYTHON ?= python3
BIN := .venv/bin
# The tests of a file stay in one process, for what they share.
IN_PARALLEL := --numprocesses auto --dist loadfile

.PHONY: demo test test-oldest test-newest fuzz lint docs bench clean
.PRECIOUS: .venv/.installed-%

# While TensorFlow is imported it writes lines that its log level does not silence: they are left out.
demo: .venv/.installed-demo
	@mkdir -p build/figures
	@for script in examples/plot_01_*.py examples/plot_02_*.py; do \
	    printf '\n== %s\n' $$script; \
	    MPLBACKEND=Agg TF_CPP_MIN_LOG_LEVEL=3 TEXTNN_FIGURES=build/figures \
	        $(BIN)/python $$script 2>build/stderr.log; \
	    status=$$?; \
	    grep -v -e 'before absl::InitializeLog' -e '^[IW]0000 ' build/stderr.log >&2; \
	    [ $$status -eq 0 ] || exit $$status; \
	done

test: .venv/.installed-demo .venv/.installed-test
	$(BIN)/python -m pytest $(IN_PARALLEL)

# Everything checked on the oldest versions that are declared: PYTHON=python3.10 make test-oldest
test-oldest: .venv-oldest/.installed
	.venv-oldest/bin/python -m pytest $(IN_PARALLEL)

# Everything checked on the newest versions that there are, in an environment made anew.
test-newest:
	rm -rf .venv-newest
	$(PYTHON) -m venv .venv-newest
	.venv-newest/bin/python -m pip install --quiet --disable-pip-version-check \
	    --editable ".[demo,test]"
	.venv-newest/bin/python -m pytest $(IN_PARALLEL)

# Many more random documents, matrices and damaged files than `make test` draws, and new ones.
fuzz: .venv/.installed-demo .venv/.installed-test
	$(BIN)/python -m pytest --hypothesis-profile=fuzz \
	    tests/feature_extraction/test_multi_hot_properties.py \
	    tests/neural_network/test_fit_properties.py \
	    tests/datasets/test_datasets_damage.py

lint: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# The examples run while the pages are built; links that lead nowhere are errors, and so is whatever
# a page would load from elsewhere.
docs: .venv/.installed-demo .venv/.installed-docs
	rm -rf build/docs
	$(BIN)/python -m sphinx -d build/doctrees --fail-on-warning --keep-going --nitpicky --quiet \
	    docs build/docs
	$(BIN)/python docs/check_html.py build/docs

bench: .venv/.installed-demo .venv/.installed-bench
	@for script in benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf .venv .venv-oldest .venv-newest build dist .hypothesis .pytest_cache .ruff_cache
	rm -rf docs/auto_examples docs/generated
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed-%: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[$*]"
	@touch $@

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv-oldest/.installed: pyproject.toml .ci/oldest.py
	rm -rf .venv-oldest
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	.venv-oldest/bin/python .ci/oldest.py > .venv-oldest/constraints.txt
	.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check \
	    --constraint .venv-oldest/constraints.txt --editable ".[demo,test]"
	@touch $@
