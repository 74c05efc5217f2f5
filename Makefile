# Two commands on a fresh machine: `make demo` and `make test`. Each sets up all it needs, and can be repeated.
# Needs Python 3.11+, Java 17+ and Maven; says in one line which of them is missing.

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv/.installed
BROKER := deploy/kafka/libs/.installed
ARCHIVE := deploy/kafka/libs/.archived
TYPES := dashboard/node_modules/.installed
PIP_TOOLS := 7.6.2

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint lint-python lint-page faults bad-input old-data odd-shapes bench-streams bench-queries lock docs

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-13s %s\n", $$1, $$2}'

setup: $(VENV) $(BROKER) $(ARCHIVE) ## the environment with pinned versions, and the broker's artifacts
	@:

demo: setup ## everything on this machine with a simulated provider, until Ctrl-C; ARGS="--days 3 --once"
	@exec .venv/bin/pulse demo $(ARGS)

test: setup ## everything that can be tested on this machine; ARGS="-k …"
	@.venv/bin/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: lint-python lint-page ## style, types and the borders between the stages

lint-python: $(VENV)
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

lint-page:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(TYPES) && cd dashboard && npm run --silent types; \
		elif [ -n "$$CI" ]; then echo "npm is missing: install it (Debian: apt-get install npm)" >&2; exit 1; \
		else echo "npm is missing: the types of the page are not checked"; fi

faults: setup ## kill, freeze and restart everything under load: ROUNDS=20 SEED=1 FROM=1
	@.venv/bin/python tests/faults/run.py --rounds $(or $(ROUNDS),20) --seed $(or $(SEED),1) --from $(or $(FROM),1)

bad-input: setup ## rubbish of every kind through the whole chain: RECORDS=1000000 SEED=1
	@.venv/bin/python -m tests.bad_input.run --records $(or $(RECORDS),1000000) --seed $(or $(SEED),1)

bench-queries: setup ## time series of a tenant with a billion calls: ARGS="--scale 0.1 --seconds 20"
	@nice .venv/bin/python -m tests.performance.bench_queries $(ARGS)

old-data: setup ## a year of history after the live feed, twice, one clock months behind: DAYS=365 SEED=1
	@.venv/bin/python -m tests.old_data.run --days $(or $(DAYS),365) --seed $(or $(SEED),1)

odd-shapes: setup ## one phone with nearly all calls, one organisation with nearly all traffic: CALLS=120000
	@.venv/bin/python -m tests.old_data.shapes --calls $(or $(CALLS),120000)

bench-streams: setup ## how many messages a second each agent takes; ARGS="--workers 2 --days 14 --calls-per-day 6000"
	@.venv/bin/python -m tests.performance.bench_streams $(ARGS)

docs: setup ## the lists of commands, settings and topics in README.md
	@.venv/bin/python -m deploy.reference

lock: setup ## pin the newest versions that pyproject.toml allows
	@.venv/bin/pip install --quiet pip-tools==$(PIP_TOOLS)
	@for extra in "" dev; do \
		CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/pip-compile --quiet --upgrade --strip-extras --allow-unsafe --generate-hashes \
			--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
			$${extra:+--extra $$extra} --output-file requirements$${extra:+-$$extra}.txt pyproject.toml || exit 1; \
	done

$(VENV): requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is missing: install it (Debian: apt-get install python3 python3-venv), or name one: make PYTHON=…" >&2; exit 1; }
	@echo "setting up .venv with $(PYTHON)"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(BROKER): deploy/kafka/pom.xml
	@test "$$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p')" -ge 17 2>/dev/null || { echo "Java 17 or later is missing: install it (Debian: apt-get install openjdk-17-jre-headless)" >&2; exit 1; }
	@command -v mvn >/dev/null || { echo "Maven is missing: install it (Debian: apt-get install maven)" >&2; exit 1; }
	@echo "fetching Apache Kafka"
	@rm -rf $(@D)
	@mvn -q -B -Dstyle.color=never -f $< dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory=$(abspath $(@D))
	@touch $@

$(ARCHIVE): $(BROKER) | $(VENV)
	@echo "starting Apache Kafka once, so that it starts faster from then on"
	@.venv/bin/python -c "from deploy.broker import archive_classes; archive_classes()" 2>/dev/null || echo "it could not be started for that, and will be slower to start"
	@touch $@

$(TYPES): dashboard/package-lock.json
	@cd dashboard && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@
