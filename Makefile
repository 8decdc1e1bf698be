# Every verb sets up what it needs in $(VENV) first; nothing is installed outside this folder.
ifeq ($(OS),Windows_NT)
$(error Windows is supported through WSL: run make inside a WSL 2 distribution)
endif

VENV ?= .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
LOCK := requirements.lock
PEERS_LOCK := requirements-peers.lock
DEMO := $(addprefix scenarios/files/,dial_out dial_in dtmf codecs headers audio video impairments pinless/moved_into_the_room.yaml \
	pin/right_code.yaml transfers/to_a_number.yaml webhooks/dial_out_events.yaml)
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup peers sandbox demo scenarios coverage mutants scenario test lint format generate bench attack soak verdicts wheel lock hooks clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(READY)  ## a virtual environment in .venv, from the committed lock; PYTHON=… chooses the interpreter
	@echo "$(VENV) is ready"

$(READY): $(LOCK) pyproject.toml .ci/find_python.sh .ci/set_up.py
	@python=$$(sh .ci/find_python.sh) && "$$python" .ci/set_up.py "$(VENV)" "$(LOCK)"

peers: $(READY)  ## the real clients that interop tests run: Pipecat, daily-python, Locust, Playwright by pip; daily-js and its friends by npm
	@echo "peers: Python packages into $(VENV)"
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: --no-binary=docopt \
		--no-build-isolation --no-deps -r $(PEERS_LOCK)
	@echo "peers: npm packages into tests/interop/javascript/node_modules"
	@cd tests/interop/javascript && npm install --no-save --loglevel=error --no-audit --no-fund --ignore-scripts

sandbox: $(READY)  ## a running server with a page: phones to click, rooms, and each message as it happens
	@$(RUN) -m fake_daily_server --sandbox $(ARGS)

demo: $(READY)  ## calls of every kind on real SIP, printed as they happen
	@$(RUN) -m scenarios run $(DEMO) $(ARGS)

scenarios: $(READY)  ## every scenario file
	@$(RUN) -m scenarios run scenarios $(ARGS)

coverage: $(READY)  ## what of Daily's telephony the stories meet; fails if something is neither met nor explained
	@$(RUN) -m scenarios run scenarios --quiet --coverage .daily-sim/coverage.json $(ARGS)
	@$(RUN) -m fake_daily_server coverage --quiet .daily-sim/coverage.json --explained scenarios/not_covered.yaml

mutants: $(READY)  ## what would the stories of the examples not notice, if it went wrong?
	@$(RUN) -m scenarios mutants examples/dial_in_desk examples/menu_bot examples/retrying_dialler examples/webhook_service \
		--exclude examples/accepted_mutants.yaml --budget 240 $(ARGS)

scenario: $(READY)  ## one scenario: make scenario FILE=scenarios/files/dial_out/busy.yaml; CLIENT="python bot.py" is its client
	@test -n "$(FILE)" || { echo "make scenario needs FILE=…, for example: make scenario FILE=scenarios/files/dial_out/busy.yaml" >&2; exit 2; }
	@$(RUN) -m scenarios run "$(FILE)" $${CLIENT:+--client "$$CLIENT"} $(ARGS)

test: $(READY)  ## all tests; ARGS go to pytest: make test ARGS="-k busy"
	@$(RUN) -m pytest $(ARGS)

lint: $(READY)  ## style, spelling, types, layers, scenario files
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(RUN) -m codespell_lib .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports
	$(RUN) -m scenarios check scenarios

format: $(READY)  ## let ruff put the sources in order
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format

generate: $(READY)  ## write anew what is made from the sources: blocking forms, schemas, docs/reference
	$(RUN) -m tools.sync_forms
	$(RUN) -m fake_daily_server.contract.schema
	$(RUN) -m tools.machine_diagrams
	$(RUN) -m scenarios schema > scenarios/schema.json.new
	mv scenarios/schema.json.new scenarios/schema.json
	$(RUN) -m scenarios docs > docs/reference/scenarios.md.new
	mv docs/reference/scenarios.md.new docs/reference/scenarios.md
	$(RUN) -m tests.fidelity.page
	$(RUN) -m tests.dtmf_page
	$(RUN) -m tools.settings_page
	$(RUN) -m tools.personas_page
	$(RUN) -m tools.faults_page
	$(RUN) -m tools.python_pages

bench: $(READY)  ## speed and size, with the target beside each
	@$(RUN) -m benchmarks $(ARGS)

attack: $(READY)  ## everything hostile in its long form, in network namespaces; needs root; ARGS="--seed 1" repeats a run
	@$(RUN) -m tests.hostile.attack $(ARGS)

soak: $(READY)  ## an hour of calls on a server that is never reset: memory and handles stay; ARGS="--minutes 20"
	@$(RUN) -m benchmarks.soak $(ARGS)

verdicts: $(READY)  ## all stories again and again beside a busy loop: each has to pass each time; ARGS="--verdicts 500"
	@$(RUN) -m benchmarks.verdicts $(ARGS)

wheel: $(READY)  ## a wheel in dist/, to install elsewhere without this clone
	@rm -rf build dist/daily_telephony_simulator-*.whl
	@$(RUN) -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/daily_telephony_simulator-*.whl

lock: $(READY)  ## resolve the dependencies anew; ARGS=--upgrade for newer versions
	@$(RUN) .ci/lock.py "$(LOCK)" "$(PEERS_LOCK)" $(ARGS)

hooks: $(READY)  ## run the lint checks before each git commit, and check the length of its subject
	@$(VENV)/bin/pre-commit install

clean:  ## remove .venv and everything else that was made here
	rm -rf "$(VENV)" build dist .daily-sim .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
