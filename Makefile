# One command each; `make` alone lists them. Needs python3 (3.11 or later) with venv, nothing else.
.DEFAULT_GOAL := help
.PHONY: help demo test check docs bench fuzz soak lock browser replayweb clean install install-dev

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYWB := .venv-pywb
DATASETTE := .venv-datasette
DATASETTE1 := .venv-datasette1
REPLAYWEB := .replayweb

# $(call install,environment,lock file): exactly the locked files, told apart from the work that follows.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 2; }
	@echo "Installing $(2) into $(1) (a minute or two the first time) ..."; started=$$(date +%s); \
	test -x $(1)/bin/python || $(PYTHON) -m venv $(1) || exit 1; \
	$(1)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r $(2) || exit 1; \
	$(3) \
	echo "Installing took $$(( $$(date +%s) - started )) s."
endef
# The project itself: with the locked setuptools, so that nothing is fetched beside the lock. --editable: the code is used in place.
INSTALL_PROJECT = $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable . || exit 1;

help:  ## lists these commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## */\t/' | sort | while IFS="$$(printf '\t')" read -r name does; do printf '  make %-8s %s\n' "$$name" "$$does"; done

$(VENV)/installed: requirements.lock pyproject.toml
	$(call install,$(VENV),requirements.lock,$(INSTALL_PROJECT))
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock pyproject.toml
	$(call install,$(VENV),requirements-dev.lock,$(INSTALL_PROJECT))
	@touch $(VENV)/installed $@

# pywb is GPL: a program of its own beside ours, in an environment of its own, used by the tests alone.
$(PYWB)/installed: requirements-pywb.lock
	$(call install,$(PYWB),requirements-pywb.lock,)
	@touch $@

# Datasette wants other versions of our own dependencies, and its two versions of each other's; used by the tests alone.
$(DATASETTE)/installed: requirements-datasette.lock
	$(call install,$(DATASETTE),requirements-datasette.lock,)
	@touch $@

$(DATASETTE1)/installed: requirements-datasette1.lock
	$(call install,$(DATASETTE1),requirements-datasette1.lock,)
	@touch $@

install: $(VENV)/installed  ## only installs, into .venv

install-dev: $(VENV)/installed-dev $(PYWB)/installed $(DATASETTE)/installed $(DATASETTE1)/installed

demo: $(VENV)/installed  ## crawls a sample web on this machine, loses a tweet, finds it again
	@$(BIN)/archiver demo

# Bytecode is written even where the environment says otherwise: the tests start hundreds of processes of the same modules.
test: install-dev browser replayweb  ## runs all tests
	@PYTHONDONTWRITEBYTECODE= ARCHIVER_PYWB=$(CURDIR)/$(PYWB)/bin/wayback ARCHIVER_DATASETTE=$(CURDIR)/$(DATASETTE)/bin/datasette \
		ARCHIVER_DATASETTE1=$(CURDIR)/$(DATASETTE1)/bin/datasette ARCHIVER_REPLAYWEB=$(CURDIR)/$(REPLAYWEB) $(BIN)/python -m pytest -q -n auto \
		--dist loadfile --no-loadscope-reorder

check: $(VENV)/installed-dev  ## lint, format, types, layers, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py tests/test_packaging.py tests/test_docs.py
	$(BIN)/python docs/generate.py --check

docs: $(VENV)/installed-dev  ## writes the generated pages of docs/
	$(BIN)/python docs/generate.py

bench: $(VENV)/installed-dev  ## measures what docs/benchmarks.md claims (about ten minutes the first time)
	@failed=0; for part in find pictures extract hostile hostile_renders crawl render; do $(BIN)/python -m bench.$$part || failed=1; done; exit $$failed

fuzz: $(VENV)/installed-dev  ## feeds the extractor damaged pages for half an hour; `make test` does it for seconds
	ARCHIVER_FUZZ_EXAMPLES=20000 $(BIN)/python -m pytest -q tests/extraction/test_mutated_pages.py

soak: $(VENV)/installed-dev browser  ## the long tests: a thousand renders, two hundred kills, a week of outages (an hour)
	@failed=0; for part in bench.soak tests.faults.many_kills tests.faults.whole_week; do $(BIN)/python -m $$part || failed=1; done; exit $$failed

browser: $(VENV)/installed-dev  ## finds a browser for screenshots, or installs one
	@.ci/browser $(BIN)/playwright

# ReplayWeb.page is AGPL: a program of its own as well, used by the tests alone.
replayweb: $(VENV)/installed-dev
	@.ci/replayweb $(REPLAYWEB) $(BIN)/python

lock:  ## takes the newest allowed versions into the requirements*.lock files
	@.ci/lock $(PYTHON)

clean:  ## removes environments, caches and generated benchmark data; archives stay
	rm -rf $(VENV) $(PYWB) $(REPLAYWEB) bench/.cache build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find archiver spiders tests bench docs -name __pycache__ -type d -prune -exec rm -rf {} +
