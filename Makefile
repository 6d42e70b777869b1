# Everything runs in environments of its own below .venvs, made from requirements/*.txt when they are first needed.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# Tests never meet a real account, whatever the shell that calls make is logged in to.
unexport $(filter AWS_% ANSIBLE_%,$(.VARIABLES)) PYTHONPATH
export AWS_CONFIG_FILE := /dev/null
export AWS_SHARED_CREDENTIALS_FILE := /dev/null
export AWS_EC2_METADATA_DISABLED := true
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/.cache/hypothesis
export PYTHON

BIN := .venvs/dev/bin
DEV := .venvs/dev/installed.txt
NEXT := .venvs/next/installed.txt
IMPORTER := .venvs/importer/installed.txt
MINISTACK := .venvs/ministack/installed.txt
MOTO := .venvs/moto/installed.txt
PEERS := .venvs/peers/installed.txt

# How many processes share the tests: one more than there are cores, since a quarter of their time they wait for what
# they started. The files go out in order, integration before unit: sorted by their number of tests those of one long
# test would come last, and all but one process would wait for them.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PYTEST := -m pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder
TESTS_LOG := .cache/tests.log

# Much of a gate is one process, and the tests leave the cores some time, so two gates run beside them. Each prints when
# it is done, and all run when one has failed.
SIDE_BY_SIDE := --keep-going $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

.PHONY: help venvs next-venv demo local recording test unit integration gates sanity sanity-next importer lint site molecule \
    tests bench changelog release clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(DEV) $(MINISTACK) ## watch the collection at work on a local AWS
	@echo "Showing the collection at work on a local AWS ..."
	@$(BIN)/python -m local_aws.demo

recording: $(DEV) $(MINISTACK) ## show the demo as it is now in docs/demo.md and the READMEs
	@$(BIN)/python -m local_aws.screen

local: $(DEV) $(MINISTACK) ## a local AWS to try things on, until Ctrl-C
	@$(BIN)/python -m local_aws.serve

# The tests' closing lines are repeated at the end, after what could not be tried, whatever the gates have said.
test: ## run every check
	@rm -f .cache/skipped.txt $(TESTS_LOG)
	@$(MAKE) -j2 venvs
	@echo "Running the tests and the gates side by side; each prints when it is done ..."
	@$(MAKE) -j3 $(SIDE_BY_SIDE) tests gates; code=$$?; \
	cat .cache/skipped.txt 2>/dev/null; \
	test $$code -eq 0 || echo "Not all checks passed: look above."; \
	tail -n 1 $(TESTS_LOG) 2>/dev/null; \
	exit $$code

tests: $(DEV) $(MINISTACK) $(MOTO) ## run the unit and integration tests
	@mkdir -p $(dir $(TESTS_LOG))
	@$(BIN)/python $(PYTEST) -rs >$(TESTS_LOG) 2>&1; code=$$?; cat $(TESTS_LOG); exit $$code

unit: $(DEV) $(MINISTACK) $(MOTO) ## run the unit tests
	@echo "Running the unit tests ..."
	@$(BIN)/python $(PYTEST) tests/unit

integration: $(DEV) $(MINISTACK) $(MOTO) ## run the playbooks and modules against a local AWS
	@echo "Running the integration tests ..."
	@$(BIN)/python $(PYTEST) tests/integration

# The longest comes first: the others share its time.
gates: sanity-next molecule sanity importer site lint ## run everything but the unit and integration tests

sanity: $(DEV) ## run ansible-test on what the collection ships, with the oldest boto3 that is supported
	@$(BIN)/python -m tests.gates.ansible_test sanity units --pythons 3.11

sanity-next: $(DEV) ## run ansible-test on a newer ansible-core, on each Python for it that is found
	@$(MAKE) next-venv
	@if [ -e $(NEXT) ]; then .venvs/next/bin/python -m tests.gates.ansible_test sanity units --pythons 3.12 3.13; \
	else $(BIN)/python -m tests.gates.skipped \
	    "ansible-test on ansible-core 2.21: neither Python 3.12 nor 3.13 was found."; fi

importer: $(IMPORTER) ## run the check that Galaxy runs on an upload
	@.venvs/importer/bin/python -m tests.gates.importer

lint: $(DEV) ## run the linters and the type checker
	@echo "Checking style with ruff ..."
	@$(BIN)/ruff check --quiet
	@echo "Checking types with mypy ..."
	@$(BIN)/mypy --no-error-summary -p ansible_collections.academy.video_scaling.plugins.module_utils
	@$(BIN)/mypy --no-error-summary files/lambda/queue_depth
	@$(BIN)/mypy --no-error-summary local_aws release tests/gates
	@echo "Checking playbooks and roles with ansible-lint ..."
	@ANSIBLE_COLLECTIONS_PATH=playbooks/collections PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/ansible-lint -q --nocolor
	@echo "Checking the changelog and the plugins' documentation with antsibull ..."
	@$(BIN)/antsibull-changelog lint
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs=self .

# One of them: make molecule SCENARIO=rollback
molecule: $(DEV) $(MINISTACK) ## run molecule's scenarios, each on a local AWS of its own
	@echo "Running molecule's scenarios ..."
	@$(BIN)/python -m tests.gates.molecule_scenarios $(SCENARIO)

site: $(DEV) ## build the documentation site
	@echo "Building the documentation site ..."
	@$(BIN)/python -m docs.site.build

# 30 to 60 minutes on two quiet cores. Narrowed, it leaves the kept results alone: make bench POOLS="1 20" RUNS=3 ONLY="ours floor"
bench: $(DEV) $(MINISTACK) ## measure a run's costs beside its peers and a floor (30 to 60 minutes)
ifneq ($(if $(ONLY),$(filter peers mitogen,$(ONLY)),all),)
	@$(MAKE) $(PEERS) || echo "The peers are left out: they need Python 3.12 or 3.13."
endif
	@$(BIN)/python -m bench $(if $(POOLS),--pools $(POOLS)) $(if $(RUNS),--runs $(RUNS)) $(if $(ONLY),--only $(ONLY)) \
	    $(if $(LATENCIES),--latencies $(LATENCIES)) $(if $(PEER_SECONDS),--peer-seconds $(PEER_SECONDS)) $(if $(KEEP),--keep)

changelog: $(DEV) ## make the changelog of a release from its fragments
	@PATH="$(CURDIR)/$(BIN):$$PATH" antsibull-changelog release

# It asks whether a release lacks anything before it builds the site, which takes long.
release: $(DEV) ## build what is released into dist/: see docs/releasing.md
	@$(BIN)/python -m release --check
	@$(MAKE) site
	@echo "Building the collection, its bill of materials and the site's archive ..."
	@$(BIN)/python -m release --site .cache/site/html

venvs: $(DEV) next-venv $(IMPORTER) $(MINISTACK) $(MOTO) ## make the environments
	@:

next-venv:
	@if sh tests/gates/find_python.sh 3.12 >/dev/null 2>&1; then $(MAKE) --silent $(NEXT); fi

$(PEERS) $(NEXT): OLDEST := 3.12

# The copy of the requirements is written last: it is there only where the installation went through.
.venvs/%/installed.txt: requirements/%.txt
	@if ! cmp -s $< $@; then \
	    python=$$(sh tests/gates/find_python.sh $(OLDEST)) && \
	    echo "Making .venvs/$* from $< ..." && \
	    "$$python" -m venv --clear .venvs/$* && \
	    .venvs/$*/bin/python -m pip install -qq --disable-pip-version-check -r $<; \
	fi
	@cp $< $@

clean: ## remove the environments, the caches and what was built
	@echo "Removing the environments, the caches and what was built ..."
	@rm -rf .venvs .cache .ansible .hypothesis .mypy_cache .pytest_cache .ruff_cache collections dist tests/output
	@rm -f academy-video_scaling-*.tar.gz
