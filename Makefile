PORT ?= 5000
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: run test bench lint audit fix places outlines screenshots pictures weights help

run: .venv/run ## start the demonstration on http://127.0.0.1:5000 (PORT= changes it)
	@PORT=$(PORT) $(PY) -m custodyfinder.demo

# The databases of the tests are made and thrown away by the thousand: in memory, where there is room for them.
MEMORY := $(shell df -k --output=avail /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 > 4000000 { print "/dev/shm" }')

test: export TMPDIR := $(or $(MEMORY),$(TMPDIR),/tmp)
test: .venv/dev ## the whole suite: rules, SQLite, PostgreSQL, browser (ARGS= adds pytest options)
	@$(PY) -m pytest -n 3 --dist loadscope --no-loadscope-reorder -m "not alone" $(ARGS)
	@$(PY) -m pytest -m alone $(ARGS)

bench: .venv/dev ## measure: prints a table, writes instance/bench.json (ONLY=ranking for one part)
	@$(PY) -m tests.bench $(ONLY)

lint: .venv/dev ## ruff and mypy --strict
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

audit: .venv/dev ## look up what requirements.txt pins, and what that needs, among known vulnerabilities
	@if curl --silent --fail --max-time 10 \
		"https://pypi.org/pypi/$$(sed -n 's|^\(Flask\)==\([^ ]*\).*|\1/\2|p' requirements.txt)/json" | grep --quiet '"vulnerabilities"'; \
	then .venv/bin/pip-audit --requirement requirements.txt --strict --progress-spinner off; \
	else echo "The vulnerability database at pypi.org cannot be reached: nothing was looked up."; fi

fix: .venv/dev ## let ruff put right what it can
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

places: .venv/run ## make seeds/places.csv again (the same every time)
	@$(PY) seeds/make_places.py

outlines: .venv/run ## make seeds/authority_outlines.geojson again (the same every time)
	@$(PY) seeds/make_outlines.py

screenshots: .venv/dev ## every page in every state at two widths, into screenshots/ (a minute or two)
	@$(PY) -m tests.pages screenshots

pictures: .venv/dev ## the four pictures of the README, into docs/pictures/
	@$(PY) -m tests.pages pictures

weights: .venv/dev ## the table of how heavy each page is, tests/pages/weights.csv, anew
	@$(PY) -m tests.pages weights

help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 10

.venv/run: requirements.txt
	@test -x $(PY) || python3 -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: requirements.txt requirements-dev.txt .venv/run
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
