# Everything a newcomer needs: `make demo` to see it, `make check` while changing it, `make test` to
# trust it. All prepare their own virtual environment from the locked requirements.

# The first Python here that is new enough; `make PYTHON=… demo` names another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && exit; done; echo python3)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help check fix test install quickstart demo bench lint types unit postgresql widget domain-coverage lock clean \
	woocommerce woocommerce-test oscar oscar-test vendure vendure-test clients openapi-check chaos install-walk release release-dry-run

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

check: lint types domain-coverage ## format, lint, types and the tests of the domain: under a minute

fix: $(READY) ## put the format right, and what the linter can put right by itself
	$(BIN)/ruff check --fix src tests bench tools recipes connectors/oscar
	$(BIN)/ruff format src tests bench tools recipes connectors/oscar

# The widget comes before the unit tests: axe-core, which looks at every page, comes with it.
test: lint types domain-coverage widget unit postgresql ## everything that must hold, also on PostgreSQL and in browsers

install: $(READY) ## the commands, in .venv/bin

quickstart: $(READY) ## walk the quickstart with an empty environment, and print the seconds of each step
	@$(BIN)/python -m tests.docs.quickstart

demo: $(READY) ## a demo shop, 93 carts, and requests to paste
	@$(BIN)/orderguard demo

bench: $(READY) ## compare with the baselines, on loopback; needs wrk and nginx
	@$(BIN)/python -m bench

$(READY): requirements.lock pyproject.toml
	@echo "Preparing $(VENV), once: one to two minutes on a slow machine"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Orderguard needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=/path/to/python3")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "  1 of 3: an empty environment of $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@echo "  2 of 3: $$(grep -c '^[a-z]' requirements.lock) locked packages, by their hashes"
	@$(PIP) --no-deps --require-hashes -r requirements.lock
	@echo "  3 of 3: Orderguard itself"
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $(READY)

lint: $(READY) ## format, linter and the measure of our prose
	$(BIN)/ruff check src tests bench tools recipes connectors/oscar
	$(BIN)/ruff format --check src tests bench tools recipes connectors/oscar
	$(BIN)/python tools/prose.py

types: $(READY) ## mypy, strict
	$(BIN)/mypy

# The domain is pure, so it has no excuse: every branch is covered, in seconds.
domain-coverage: $(READY) ## the tests of the domain, with every branch covered
	$(BIN)/pytest tests/domain --cov --cov-report=term-missing:skip-covered --cov-fail-under=100

# One process more than there are cores, because tests often wait. A file's tests stay together,
# because they share a server, and come in our order: the long ones first.
TOGETHER := --numprocesses=$(shell expr $$(nproc 2>/dev/null || echo 2) + 1) --dist=loadfile --no-loadscope-reorder

unit: $(READY) ## all other tests, on SQLite
	$(BIN)/pytest $(TOGETHER) --ignore=tests/domain --ignore=tests/postgresql

# Tests that no database can change; PostgreSQL does not run them a second time.
WITHOUT_DATABASE := $(addprefix tests/http/test_,client_address.py connection.py connection_limits.py documentation.py \
	linear_parsers.py listening.py log_lines.py openapi.py request_heads.py tally.py usual_requests.py widget.py) \
	$(addprefix tests/admin/test_configuration_,form.py text.py) tests/storage/test_rows.py \
	$(addprefix tests/scenarios/test_,behind_nginx.py price_properties.py)

# What touches the database, once more on a real PostgreSQL, which the tests start by themselves.
postgresql: $(READY) ## the tests that touch the database, on PostgreSQL
	ORDERGUARD_TEST_DATABASE=postgresql $(BIN)/pytest $(TOGETHER) \
	  tests/http tests/contract tests/storage tests/webhooks tests/scenarios tests/postgresql tests/admin \
	  $(addprefix --ignore=,$(WITHOUT_DATABASE))

# The plugin for WooCommerce, as merchants upload it: dist/orderguard-for-woocommerce.zip.
woocommerce: $(READY) ## dist/orderguard-for-woocommerce.zip
	@$(BIN)/python tools/build_woocommerce.py

# In a real WordPress, which is fetched from Debian and npm once, with a stub in WooCommerce's place; `make test`
# does the same. WOOCOMMERCE_DIR=FOLDER[:FOLDER…] names unpacked WooCommerce plugins to try as well.
woocommerce-test: $(READY) ## the plugin for WooCommerce in a real WordPress
	@$(BIN)/python -m tests.connectors.woocommerce.wordpress
	$(BIN)/pytest $(TOGETHER) tests/connectors/woocommerce tests/connectors/php

# The connector for django-oscar, as PyPI would have it: a wheel and a source package in dist.
oscar: $(READY) ## dist/django_oscar_orderguard-….whl
	@$(BIN)/python -m tools.build_oscar

# In a real shop: django-oscar is fetched from PyPI once, into .cache. `make test` does the same.
# OSCAR_REQUIREMENTS=requirements-oldest.txt takes the oldest Oscar and Django that we support.
oscar-test: $(READY) ## the connector for django-oscar in a real shop
	@$(BIN)/python -m tests.connectors.oscar.environment
	$(BIN)/pytest $(TOGETHER) tests/connectors/oscar

# The plugin for Vendure, as shops install it: dist/orderguard-vendure-VERSION.tgz.
vendure: $(READY) ## dist/orderguard-vendure-VERSION.tgz
	@$(BIN)/python -m tools.build_vendure

# In a real Vendure, whose packages npm fetches once, as the lock says; `make test` does the same.
vendure-test: $(READY) ## the plugin for Vendure in a real Vendure
	$(BIN)/pytest $(TOGETHER) tests/connectors/js tests/connectors/vendure

.PHONY: medusa medusa-test
# The plugin for Medusa, as shops install it: dist/orderguard-medusa-VERSION.tgz.
medusa: $(READY) ## dist/orderguard-medusa-VERSION.tgz
	@$(BIN)/python -m tools.build_medusa

# In a real Medusa beside a PostgreSQL of the tests. npm fetches its packages once, into .cache: 676 MB. Not in CI.
medusa-test: $(READY) ## the plugin for Medusa in a real Medusa
	ORDERGUARD_MEDUSA=yes $(BIN)/pytest tests/connectors/js tests/connectors/medusa

# PostgreSQL under Patroni, two of our servers behind HAProxy, on loopback: machines are lost, processes killed,
# networks cut. `make test` runs a short form. Needs apt-get install patroni etcd-server haproxy
chaos: $(READY) ## any one machine dies under load, and nothing answered is lost
	ORDERGUARD_CHAOS=yes $(BIN)/pytest tests/operations/test_failover.py tests/operations/test_chaos.py -rs

# What shops install: a wheel for Python, a package for Node.js, an archive for PHP. `make test` builds and tries them.
clients: $(READY) ## the clients for Python, Node.js and PHP, in dist
	@$(BIN)/python -m tools.build_clients

.PHONY: bigcommerce bigcommerce-test
# The app for BigCommerce, as its operator installs it: dist/orderguard-bigcommerce-VERSION.tgz.
bigcommerce: $(READY) ## dist/orderguard-bigcommerce-VERSION.tgz
	@$(BIN)/python -m tools.build_bigcommerce

# Beside a store that answers as BigCommerce documents; `make test` does the same, but for the Checkout SDK, which npm
# fetches once, into .cache.
bigcommerce-test: $(READY) ## the app for BigCommerce, with BigCommerce's real Checkout SDK in Chromium
	ORDERGUARD_BIGCOMMERCE=yes $(BIN)/pytest $(TOGETHER) tests/connectors/js tests/connectors/bigcommerce

# From a bare Debian to a covered order; needs root, and
# apt-get install mmdebstrap binutils bubblewrap systemd-container podman runc skopeo postgresql
install-walk: $(READY) ## wheel, systemd and image on a bare Debian, with the minutes to the first offer
	ORDERGUARD_INSTALL=yes $(BIN)/pytest tests/operations/test_install.py tests/operations/test_compose.py

# Clients in Python and TypeScript, made from /openapi.json by generators that PyPI and npm give once, into .cache. In
# CI `make test` does the same.
openapi-check: $(READY) ## generated clients sell protection; linters of OpenAPI find no error
	ORDERGUARD_GENERATORS=yes $(BIN)/pytest tests/generated_clients

# The storefront element is TypeScript, and is tested in a real browser. People who lack Node.js 20
# or Chromium can do without; unattended, missing tools are a failure.
widget: ## the tests of the widget; needs Node.js 20, and Chromium
	@if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' 2>/dev/null; then \
	  echo "SKIPPED: the tests of the widget need Node.js 20 or newer." >&2; test -z "$$CI"; \
	else \
	  cd widget && npm ci --no-audit --no-fund && npm test && \
	  if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then \
	    npm run test:browser; \
	  else \
	    echo "SKIPPED: the browser tests of the widget need Chromium." >&2; test -z "$$CI"; \
	  fi; \
	fi

lock: ## lock the dependencies anew, after a change to pyproject.toml; needs uv
	uv pip compile pyproject.toml --extra postgresql --group dev --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-emit-index-url --upgrade -o requirements.lock

release: $(READY) ## set the version everywhere: make release VERSION=0.3.0
	$(BIN)/python tools/release.py cut "$(VERSION)"

release-dry-run: $(READY) ## build the files of a release and list them; publishes nothing
	$(BIN)/python tools/release.py dry-run $(TAG)

clean: ## remove what was built, and the virtual environment
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
