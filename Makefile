# `make run` and `make test` do everything on a fresh machine with a Rust toolchain (and, for tests, Python 3).
CARGO ?= cargo
GOLDEN ?= tests/golden
BENCH ?= 10000 100000
BENCH_STATISTICS ?=
BENCH_WORKERS ?= 10000
KILLS ?= 200
FULL_DISKS ?= 24
PUBLISHERS ?= 20
SETTINGS ?= 10000
MUTANTS ?= weight harmonise validate estimate mart expression
SECONDS ?= 60
CLUSTER_PROFILE ?= release
CLOUD_KILLS ?= 500
CLOUD_RACES ?= 200
CARGO_DENY = 0.20.2
CARGO_MACHETE = 0.9.2
GUNGRAUN = 0.20.0
INSTRUCTIONS ?=
TABLEBOOK ?= target/tablebook
SEMANTIC ?= target/semantic/model
CORPUS ?=
PROGRAMS = target/release

.PHONY: run build cloud cloud-test cluster cluster-test test check lint licences readers tablebook semantic semantic-check portable-sql golden torture corpus attack bench bench-ingest bench-statistics bench-roll-up bench-workers bench-disclosure instructions report bench-report explorer browser site-check propose-figures reference coverage fuzz mutants sample-data dist help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: build ## build, then run the whole pipeline on the sample data: marts/current
	$(PROGRAMS)/peil run pipelines/monitor.toml

build: ## all programs, `peil` first, in target/release
	$(CARGO) build --release --locked --workspace

# With object stores: it brings packages that the default build does not have, and builds the SQL engine once more.
CLOUD = --release --locked --workspace --features cli/cloud,tests/cloud

cloud: ## all programs, `peil` with object stores, in target/release
	$(CARGO) build $(CLOUD)

cloud-test: cloud readers ## store and marts on an object store: a server on this machine, faults, kills and races; apart from `make test`, since it builds the SQL engine once more
	$(CARGO) test $(CLOUD) --test cloud -- --nocapture

# A workspace of its own, which builds the SQL engine once more: optimised for use (CLUSTER_PROFILE=dev: not), as it comes for the tests.
CLUSTER = --locked --manifest-path cluster/Cargo.toml --target-dir target/cluster

cluster: ## `peil-cluster`, the SQL marts on workers, in target/cluster: docs/scale.md
	$(CARGO) build $(CLUSTER) --profile $(CLUSTER_PROFILE)

cluster-test: run ## the marts of the sample data on three workers beside those of its release, and what is refused; apart from `make test`
	RELEASE=$(CURDIR)/marts/current $(CARGO) test $(CLUSTER) -- --nocapture --test-threads 1

test: build readers browser ## all tests; installs what they need into target/
	$(CARGO) test --release --locked --workspace
	$(MAKE) golden

check: lint licences ## formatting, lints, documentation, licences and unused dependencies, as errors

lint: ## formatting, lints and documentation, as errors: `make check` without the tools that it installs
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy $(CLOUD) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --release --locked --workspace --no-deps --quiet

licences: target/tools/bin/cargo-deny target/tools/bin/cargo-machete ## licences and sources of all dependencies, and those that nothing uses
	$(CARGO) fetch --locked # of every platform: what it looks at is not only what is built here
	target/tools/bin/cargo-deny --offline check bans licenses sources
	target/tools/bin/cargo-deny --offline --features cli/cloud check licenses sources
	target/tools/bin/cargo-machete crates tests
target/tools/bin/cargo-deny:
	$(CARGO) install cargo-deny --version $(CARGO_DENY) --locked --root target/tools
target/tools/bin/cargo-machete:
	$(CARGO) install cargo-machete --version $(CARGO_MACHETE) --locked --root target/tools

dist: ## the optimised program with completions, manual pages and licence texts: target/dist/peil-VERSION-HOST.tar.gz (half an hour)
	$(CARGO) build --profile dist --locked --workspace --features cli/cloud
	python3 tests/dist/pack.py target/dist/peil target/dist

readers: target/readers/installed ## DuckDB, Polars, pandas, pyarrow and openpyxl for the tests
target/readers/installed: tests/readers/requirements.txt
	python3 -m venv target/readers || (apt-get update && apt-get install -y python3-venv && python3 -m venv target/readers)
	target/readers/bin/python -m pip install --quiet --requirement tests/readers/requirements.txt
	touch $@

tablebook: run ## the table book of the sample data, in TABLEBOOK
	$(PROGRAMS)/peil export tablebook marts/current --out $(TABLEBOOK)

semantic: run ## models of the sample data for Power BI, Malloy and SQL, in SEMANTIC
	$(PROGRAMS)/peil export semantic marts/current --out $(SEMANTIC)

semantic-check: semantic target/semantic/installed ## load the Power BI model with Microsoft's serialiser (under Mono) and ask the Malloy model for every figure
	python3 tests/semantic/check_model.py $(SEMANTIC) target/semantic/CheckModel.exe target/semantic/libraries
	target/semantic/bin/python tests/readers/check_measures.py marts/current $(SEMANTIC) --malloy

# The serialiser comes in a Python package; it and Mono stay out of the project and out of `make test`.
FACADES = /usr/lib/mono/4.5/Facades
target/semantic/installed: tests/semantic/requirements.txt tests/semantic/CheckModel.cs
	test -e $(FACADES)/netstandard.dll -a -x "$$(command -v mcs)" || (apt-get update && apt-get install -y --no-install-recommends mono-runtime mono-mcs mono-devel)
	python3 -m venv target/semantic || (apt-get update && apt-get install -y python3-venv && python3 -m venv target/semantic)
	target/semantic/bin/python -m pip install --quiet --requirement tests/semantic/requirements.txt
	target/semantic/bin/python -m pip install --quiet --no-deps pbi-cli-tool==3.12.0
	ln -sfn $$(target/semantic/bin/python -c "import pathlib, pbi_cli; print(pathlib.Path(pbi_cli.__file__).parent / 'dlls')") target/semantic/libraries
	mcs tests/semantic/CheckModel.cs -out:target/semantic/CheckModel.exe -lib:target/semantic/libraries -lib:$(FACADES) \
	  -r:Microsoft.AnalysisServices.Tabular.dll -r:Microsoft.AnalysisServices.Core.dll -r:netstandard.dll -r:System.Runtime.dll
	touch $@

portable-sql: run target/pysail/installed ## run the SQL marts in DuckDB and in a Spark-compatible engine: columns, types and every value as in the release; apart from `make test`, since the engine takes 661 MB
	target/pysail/bin/python tests/readers/check_sql_marts.py --spark marts/current config/marts

target/pysail/installed: tests/readers/portable_requirements.txt
	python3 -m venv target/pysail || (apt-get update && apt-get install -y python3-venv && python3 -m venv target/pysail)
	target/pysail/bin/python -m pip install --quiet --requirement tests/readers/portable_requirements.txt
	touch $@

browser: tests/site/node_modules/.installed ## Chromium and the Node packages of the tests of the site
tests/site/node_modules/.installed: tests/site/package-lock.json
	test -x /usr/bin/chromium || (apt-get update && apt-get install -y --no-install-recommends chromium fonts-liberation)
	command -v npm > /dev/null || (apt-get update && apt-get install -y --no-install-recommends nodejs npm)
	cd tests/site && npm ci --no-audit --no-fund --silent
	touch $@

site-check: readers browser ## the site of the sample release in a browser: accessibility, reflow, keyboard, print, cells as in the marts
	$(PROGRAMS)/peil run pipelines/monitor.toml
	$(PROGRAMS)/peil report --out target/site
	node tests/site/check.mjs target/site $(PICTURES)
	target/readers/bin/python tests/site/check_cells.py target/site marts/current
	cd crates/report/explorer && npm ci --no-audit --no-fund --silent && npm run --silent check

explorer: ## bundle the explorer again: crates/report/explorer/dist
	cd crates/report/explorer && npm ci --no-audit --no-fund --silent && npm run --silent build

golden: build ## R survey's results: every case below GOLDEN
	$(PROGRAMS)/golden $(GOLDEN)

torture: build ## kill runs KILLS times at random instants, for SECONDS more runs of the whole monitor, and at every named point; fill FULL_DISKS small disks; PUBLISHERS times two publishers at once; SETTINGS settings with one thing wrong; CLOUD_KILLS runs on an object store, CLOUD_RACES races there
	KILLS=$(KILLS) FULL_DISKS=$(FULL_DISKS) $(CARGO) test --release --locked --workspace --test crashes --test full_disk -- --nocapture --test-threads 1
	PUBLISHERS=$(PUBLISHERS) SECONDS=$(SECONDS) $(CARGO) test --release --locked --workspace --test attacks -- --nocapture --test-threads 1
	SETTINGS=$(SETTINGS) $(CARGO) test --release --locked --workspace --test claims -- mutated
	$(MAKE) cloud readers
	CLOUD_KILLS=$(CLOUD_KILLS) CLOUD_RACES=$(CLOUD_RACES) CLOUD_CUTS=100 $(CARGO) test $(CLOUD) --test cloud -- --nocapture --test-threads 1

corpus: build ## read every workbook of the folder CORPUS here and by calamine; differences beside those listed in tests/torture/corpus.csv fail
	test -d "$(CORPUS)" || (echo "name a folder of workbooks: make corpus CORPUS=<folder>"; exit 2)
	$(CARGO) build --release --locked --workspace --examples
	$(PROGRAMS)/examples/corpus "$(CORPUS)" tests/torture/corpus.csv

attack: build ## planted attacks on releases and on the program: each must be found or withstood
	$(CARGO) test --release --locked --workspace --test attacks

bench: build readers ## the whole pipeline over 30 panel-waves × BENCH respondents: time and peak memory a stage, reruns, hashing
	target/readers/bin/python -m pip install --quiet --requirement tests/bench/requirements.txt
	target/readers/bin/python tests/bench/pipeline.py $(BENCH)

bench-ingest: build readers ## reading CSV (500 MB), CSV to Parquet and xlsx (10 million cells) beside the peers, on one core and on two: one table
	$(CARGO) build --release --locked --workspace --examples
	$(CARGO) build --release --locked --manifest-path tests/bench/csv-peers/Cargo.toml --target-dir target/bench/csv-peers
	target/readers/bin/python -m pip install --quiet --requirement tests/bench/requirements.txt
	target/readers/bin/python tests/bench/ingest_peers.py $(PROGRAMS) target/bench/ingest

bench-statistics: ## raking, 720 estimates and the bootstrap beside R and Python; BENCH_STATISTICS=full adds the slowest
	test -x target/bench/peers/bin/python || python3 -m venv target/bench/peers || (apt-get update && apt-get install -y python3-venv && python3 -m venv target/bench/peers)
	target/bench/peers/bin/python -m pip install --quiet --requirement tests/bench/statistics_requirements.txt
	Rscript -e 'library(survey); library(data.table); library(jsonlite); library(MASS)' 2>/dev/null || (apt-get update && \
	  apt-get install -y --no-install-recommends r-base-core r-cran-survey r-cran-data.table r-cran-jsonlite r-cran-mass)
	$(CARGO) build --release --locked --workspace --examples
	python3 tests/bench/statistics_run.py $(PROGRAMS)/examples/bench_statistics target/bench/peers/bin/python $(BENCH_STATISTICS)

reference: ## write docs/configuration.md and config/schemas again, from the types that read the settings
	$(CARGO) run --quiet --package config --example reference

propose-figures: ## how often `peil propose` is right: every wave of the monitor from its deliveries and the waves before
	$(CARGO) build --release --locked --workspace --examples
	$(PROGRAMS)/examples/propose_figures pipelines/monitor.toml

bench-roll-up: build ## the roll-up of made-up surveys, and of ten times their panels, waves, indicators, respondents: time and memory
	python3 tests/bench/roll_up.py

bench-workers: cloud readers ## two workers beside one on an object store of this machine, 30 panel-waves × BENCH_WORKERS respondents: docs/scale.md
	target/readers/bin/python tests/bench/workers.py $(BENCH_WORKERS)

bench-disclosure: ## protecting and attacking a release of made-up figures, as it grows: time and memory
	$(CARGO) build --release --locked --workspace --examples
	for size in "10 5 5 5" "20 10 5 5" "40 20 5 5" "100 20 10 10"; do $(PROGRAMS)/examples/bench_disclosure $$size; done

coverage: ## how often 95 % intervals hold the truth, by simulation (four CPU minutes): docs/coverage.md
	$(CARGO) build --release --locked --workspace --examples
	$(PROGRAMS)/examples/coverage docs/coverage.md

# What `cargo fuzz` would pass, without the nightly toolchain: edges and comparisons are counted, no address sanitizer (there is no unsafe code).
COVERAGE = --cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
  -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=16
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
TARGETS ?= csv encodings sheet workbook bytes toml codebook sql

fuzz: ## fuzz the readers and the settings, SECONDS each of TARGETS; what makes one fail is kept in target/fuzz
	RUSTFLAGS="$(COVERAGE)" $(CARGO) build --release --locked --manifest-path fuzz/Cargo.toml --target $(HOST) --target-dir target/fuzz
	$(CARGO) build --release --locked --package ingest --package cli --example fuzz_seeds
	$(PROGRAMS)/examples/fuzz_seeds tests/torture target/fuzz/corpus
	for target in $(TARGETS); do \
	  target/fuzz/$(HOST)/release/$$target -max_total_time=$(SECONDS) -timeout=20 -rss_limit_mb=1500 -max_len=16384 -print_final_stats=1 \
	    -artifact_prefix=target/fuzz/$$target- target/fuzz/corpus/$$target || exit 1; \
	done

mutants: target/tools/bin/cargo-mutants ## change one expression at a time, 40 a crate of MUTANTS: docs/mutants.md says which changes no test catches
	python3 tests/mutants/sample.py $(MUTANTS)
target/tools/bin/cargo-mutants:
	$(CARGO) install cargo-mutants --version 27.1.0 --locked --root target/tools

instructions: target/tools/bin/gungraun-runner ## the serial kernels in instructions, counted by Callgrind; more than 2 % more than known fails
	command -v valgrind > /dev/null || (apt-get update && apt-get install -y --no-install-recommends valgrind)
	python3 tests/bench/instructions.py $(INSTRUCTIONS)
target/tools/bin/gungraun-runner:
	$(CARGO) install gungraun-runner --version $(GUNGRAUN) --locked --root target/tools

report: run ## the site of the sample data's release: target/site/index.html
	$(PROGRAMS)/peil report --out target/site

bench-report: build ## the site of made-up releases as they grow, to 300 indicators × 10 panels × 10 waves: time and size
	$(CARGO) build --release --locked --workspace --examples
	for size in "75 10 10" "150 10 10" "300 10 10"; do $(PROGRAMS)/examples/bench_report $$size; done

sample-data: build ## write sample-data again: same seed, same bytes
	$(PROGRAMS)/sample write --out sample-data --seed 20251
