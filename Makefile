# `make run` and `make test` do everything on a fresh machine with a Rust toolchain (and, for tests, Python 3).
CARGO ?= cargo
GOLDEN ?= tests/golden
PEIL = target/release/peil

.PHONY: run build test check readers golden coverage bench bench-ingest bench-statistics sample-data fuzz clean help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

run: build ## build, then run the whole pipeline on the sample data: marts/current
	$(PEIL) run pipelines/monitor.toml

build: ## all programs, `peil` first, in target/release
	$(CARGO) build --release --locked --workspace

test: build readers ## all tests; installs what they need into target/
	$(CARGO) test --release --locked --workspace
	$(MAKE) golden

check: ## formatting and lints, as errors
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --release --locked --workspace --all-targets -- -D warnings

readers: target/readers/installed ## DuckDB, Polars, pandas and pyarrow for the tests
target/readers/installed: tests/readers/requirements.txt
	python3 -m venv target/readers || (apt-get update && apt-get install -y python3-venv && python3 -m venv target/readers)
	target/readers/bin/python -m pip install --quiet --requirement tests/readers/requirements.txt
	touch $@

golden: ## R survey's results: every case below GOLDEN (default tests/golden)
	$(CARGO) run --release --locked --quiet --package golden -- $(GOLDEN)

sample-data: ## write sample-data again (same seed, same bytes)
	$(CARGO) run --release --locked --package sample -- write --out sample-data --seed 20251

BENCH ?= 10000 100000
bench: build ## the whole pipeline over 30 panel-waves × BENCH respondents: time and peak memory a stage
	python3 tests/bench/pipeline.py $(BENCH)
