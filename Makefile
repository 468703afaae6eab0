# What people type. Each target installs what it needs and says so; the second time is quick.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Every runtime that the tests drive. A machine may lack some interpreters; tests of those say SKIPPED.
RUNTIMES := python2.7 python3.6 python3.7 python3.9 python3.11 python3.12 python3.13 \
            nodejs10.x nodejs12.x nodejs16.x nodejs20.x nodejs22.x nodejs24.x

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

.PHONY: tools
tools:
	@scripts/check-tools

.PHONY: test-tools
test-tools:
	@scripts/check-tools test

.PHONY: defender
defender: tools ## Build libdefender.so for the layers: x86_64 and arm64, glibc 2.17 and later
	@scripts/build-defender

.PHONY: build
build: defender ## Build the gambeson command with the Defender inside (target/debug/gambeson)
	cargo build --locked -p gambeson-cli

.PHONY: demo
demo: build ## Attack a real function without and with the layer, and show the audit in the Console
	@scripts/demo

.PHONY: runtimes
runtimes: build
	@target/debug/gambeson try --install $(RUNTIMES) || echo "tests of a missing runtime will be SKIPPED"

.PHONY: test
test: test-tools runtimes ## Run all tests: unit, property, end to end on every runtime in the jail
	PATH="$$PWD/.cache/zig/bin:$$PATH" cargo test --locked --workspace
	runtimes/test/run

.PHONY: attacks
attacks: test-tools runtimes ## Run the attack battery on many runtimes and behind a peer, and write docs/security-attacks.md
	cargo run --quiet --locked -p gambeson-tests --bin attacks

.PHONY: lint
lint: tools ## Formatting, clippy, docs, dependencies, licences
	@scripts/lint

.PHONY: fuzz
fuzz: tools ## Fuzz each target for a minute
	@for target in $(basename $(wildcard fuzz/targets/*.rs)); do fuzz/run $$(basename $$target) 60 || exit 1; done

.PHONY: bench
bench: defender ## Measure what the Defender costs, beside the same function without it and a peer
	cargo build --locked --release -p gambeson-cli
	@benches/run

.PHONY: bench-waas
bench-waas: tools ## Measure the inspection engine beside its peers, on labelled rows
	cargo build --locked --release -p gambeson-cli
	@benches/waas
