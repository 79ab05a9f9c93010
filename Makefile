# Sets itself up: each target brings its own tools into .venv, pinned and checked by hash.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: atlas test lint docs bench bench-names lock clean

# The sample atlas and a passport.
atlas: $(VENV)/run
	$(BIN)/dioscorides build --sample
	$(BIN)/dioscorides passport Kymriah

test: $(VENV)/dev
	$(BIN)/python -m pytest

lint: $(VENV)/dev
	$(BIN)/ruff check src tests bench docs
	$(BIN)/ruff format --check src tests bench docs
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/dev
	$(BIN)/python -m sphinx -W -q docs docs/_build

# Side by side with bare reading, in one run, on the real snapshots (MIRROR=folder).
MIRROR ?= ../shared/registers
bench: $(VENV)/dev
	$(BIN)/python bench/build.py $(MIRROR)

# The names engine beside its peers, in one run.
bench-names: $(VENV)/dev
	$(PIP) install -q drug-named-entity-recognition
	$(BIN)/python bench/names.py $(MIRROR)

# Debian keeps venv in a package of its own; where we may, we bring it.
$(VENV)/made:
	$(PYTHON) -m venv $(VENV) >/dev/null || { rm -rf $(VENV); \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get -qq update && apt-get -qq install -y python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); \
	  else \
	    echo 'No virtual environment could be made: install the package python3-venv, then try again.'; exit 1; \
	  fi; }
	touch $@

$(VENV)/run: $(VENV)/made requirements.txt pyproject.toml
	$(PIP) install -q --require-hashes --only-binary :all: -r requirements.txt
	$(PIP) install -q --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.txt
	$(PIP) install -q --require-hashes --only-binary :all: --no-binary autograd-gamma -r requirements-dev.txt
	touch $@

# Pinned versions with hashes, without addresses.
lock: $(VENV)/made
	$(PIP) install -q uv
	$(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --group build pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  -c requirements.txt --group build --group test --group lint --group docs pyproject.toml -o requirements-dev.txt

clean:
	rm -rf $(VENV) docs/_build
