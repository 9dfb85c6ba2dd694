# The commands of this project; `make` alone lists them.
PYTHON ?= python3
NEWEST ?= python3.13
MACHINES ?= process

BIN := .venv/bin
CHECK := $(BIN)/python tests/run/checks.py
PINS := .venv/pins.stamp
LINK := .collections/ansible_collections/webcallserver/aws

.DEFAULT_GOAL := help

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

setup: $(PINS) $(LINK) ## tools into .venv/, and this clone as an installed collection (implied by the others)

$(PINS): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "setup: $(PYTHON) is missing or older than 3.11. Install Python 3.11 or later, or name one: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo "setup: $(PYTHON) has no venv. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install -qq "$$(grep '^uv==' requirements/dev.txt)" && \
	  $(BIN)/uv pip install -q --python $(BIN)/python -r requirements/dev.txt || \
	  $(BIN)/pip install -q -r requirements/dev.txt
	@touch $@

$(LINK):
	@mkdir -p $(@D) && ln -sfn ../../.. $@

NEWEST_PINS := build/newest/pins.stamp

$(NEWEST_PINS): requirements/newest.txt $(PINS)
	@$(NEWEST) -c 'import sys; sys.exit(sys.version_info < (3, 12))' || \
	  { echo "newest: $(NEWEST) is missing or older than 3.12. Install Python 3.12 or later, or name one: make newest NEWEST=python3.12" >&2; exit 1; }
	@$(BIN)/uv venv -q --allow-existing --python "$$($(NEWEST) -c 'import sys; print(sys.executable)')" $(@D)
	@$(BIN)/uv pip install -q --python $(@D)/bin/python -r $<
	@touch $@

pins: setup ## requirements/*.txt anew from requirements/*.in
	@for name in dev docs; do $(BIN)/uv pip compile -q --upgrade --no-header --no-annotate --python-version 3.11 \
	  requirements/$$name.in -o requirements/$$name.txt; done
	@$(BIN)/uv pip compile -q --upgrade --no-header --no-annotate --python-version 3.12 requirements/dev.in \
	  --override requirements/newest.in -o requirements/newest.txt

test: setup ## every check but what takes long (make long: ansible-lint and more), molecule and the whole of the faults
	@$(CHECK) all

lint: setup ## style, types, playbooks and roles
	@$(CHECK) style plays

unit: setup ## the domain: no I/O, milliseconds
	@$(CHECK) unit

contract: setup ## each module against the lab in process
	@$(CHECK) contract

story: setup ## site against a running lab, the built archive
	@$(CHECK) story

browser: setup ## the report of running stacks and the documentation in Chromium, if that is installed
	@$(CHECK) browser

long: setup ## ansible-lint, ansible-test sanity, longer stories (the demo, TLS, update, kills, the guides), the report in Chromium, tests marked long
	@$(CHECK) plays long

faults: setup ## a sample of the fault and kill cases
	@$(CHECK) faults

test-faults: setup ## every fault and kill case
	@$(CHECK) test-faults

daily: setup ## a day of sessions on the lab, a stack at the pace of AWS, forecasts beside it, what dry runs cost, refusals one by one; once a day
	@$(CHECK) daily

newest: setup $(NEWEST_PINS) ## the domain and the stories with the newest Ansible, in build/newest/ (Python 3.12 or later: NEWEST=python3.13)
	@$(NEWEST_PINS:pins.stamp=bin/python) tests/run/checks.py newest

docs-lint: setup ## documentation and changelog
	@$(CHECK) docs-lint

sanity: setup ## ansible-test sanity on a copy of what ships
	@$(CHECK) sanity

molecule: setup ## each role on a lab, and on real systemd hosts (those need root)
	@$(CHECK) molecule

molecule-systems: setup ## wcs_server's scenarios on hosts with the names and facts of Amazon Linux 2023 and RHEL 9; once a day (root)
	@$(CHECK) molecule-systems

bench: setup ## calls and wall time beside amazon.aws
	@$(CHECK) bench

changelog: setup ## CHANGELOG.md from changelogs/fragments, for the version in galaxy.yml
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/antsibull-changelog release --update-existing --reload-plugins --refresh-plugins

docs: setup ## the guides and module pages as HTML in build/docs, and Galaxy's own import check
	@docs/build

demo: setup ## the whole story on the lab: deploy, prove the spread, scale out, tear down (MACHINES=podman: over ssh)
	@$(BIN)/python -m lab.demo --machines $(MACHINES)

build: setup ## the collection archive into dist/: what is tracked, the same bytes from the same commit
	@$(BIN)/python -m tests.run.archive dist

clean: ## what the checks and builds left; .venv/ and labs stay
	@rm -rf build dist .ansible .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

.PHONY: help setup pins test lint unit contract story browser long daily faults test-faults docs-lint sanity molecule molecule-systems bench newest changelog docs demo build clean
