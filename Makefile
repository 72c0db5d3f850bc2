# The commands of a checkout. Each target first sets up what it needs (setup/setup.sh, about 30 ms when nothing is missing).
#
#   make demo RUNTIME=bun INPUT=clip.mp4 ARGS='--seconds 3'
#   make test ARGS='unit bun'

RUNTIME ?= deno
INPUT ?=
SECONDS ?= 60
ARGS ?=

SHELL := /bin/bash
# Relative, because the checkout's path may contain spaces.
DENO := .deps/bin/deno
BUN := .deps/bin/bun
ZIG := .deps/venv/bin/python -m ziglang
# By itself Zig compiles one file less at a time than there are cores: on two, one by one.
ZIG_BUILD := $(ZIG) build -j$(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
CLANG_FORMAT := .deps/venv/bin/clang-format

run_deno := $(DENO) run -A
run_bun := $(BUN)
run = $(or $(run_$(RUNTIME)),$(error RUNTIME must be deno or bun, not '$(RUNTIME)'))
cxx_files = $$(git ls-files -co --exclude-standard 'csrc/*.h' 'csrc/*.cpp' 'tests/drivers/*.h' 'tests/drivers/*.cpp')

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests build demo sfu packages test test-sora stress fuzz bench bench-peers profile docs fmt clean distclean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: ## Install and fetch whatever is missing for building
	@setup/setup.sh

setup-tests: ## Also install and fetch what only the tests need
	@setup/setup.sh tests

build: setup ## Build zig-out/lib/libsora_ffi.so
	@$(ZIG_BUILD)

demo: ## Send a real clip through the embedded server and measure what arrives (RUNTIME=bun, INPUT=FILE)
	@setup/setup.sh demo $(ZIG_BUILD)
	@PATH="$$PATH:$$PWD/.deps/bin" $(run) demo/main.ts $(if $(INPUT),--input '$(INPUT)') $(ARGS)

sfu: build ## Run the embedded Sora-compatible server (ARGS='--port 5000')
	@$(run) cli/mod.ts server $(ARGS)

packages: setup ## Write the packages to dist/: for npm the library for every platform and the package that users import, and the one for JSR
	@$(run_deno) packages/main.ts $(ARGS)

test: setup-tests ## Run all tests and checks, on Deno and on Bun (ARGS='native bun' for some of them)
	@$(run_deno) tests/run.ts $(ARGS)

test-sora: setup build ## Run tests/sora against a real Sora, which TEST_SIGNALING_URLS and the like name, in the environment or in .env
	@SORA_TEST_REAL=1 $(DENO) test -A --no-check tests/sora
	@SORA_TEST_REAL=1 $(BUN) test --timeout 60000 ./tests/sora/

stress: setup-tests build ## Run for long what time, chance and bad company may break, and write out/stress.json (ARGS='--minutes 30 --only NAME --seed N', --help)
	@setup/autobahn.sh
	@setup/coturn.sh
	@$(run_deno) tests/stress/main.ts $(ARGS)

fuzz: setup-tests ## Run each fuzz target of the C++ parts for a while (SECONDS=600; what they find is kept in .deps/fuzz)
	@$(ZIG_BUILD) fuzz -- all $(SECONDS)

bench: setup-tests ## Measure, on both runtimes, and write out/bench.json
	@$(ZIG_BUILD)
	@$(run_deno) bench/main.ts $(ARGS)

bench-peers: setup-tests ## Measure this SDK beside its peers, which it installs into .deps/peers, and write out/peers.json (ARGS="video python --rounds 5", --resume, --write for the pages)
	@$(ZIG_BUILD)
	@setup/peers.sh
	@$(run_deno) bench/peers/main.ts $(ARGS)

profile: setup-tests ## Show where processor time goes when media is sent, received and forwarded, by perf or gdb (RUNTIME=bun, ARGS='--seconds 30')
	@$(ZIG_BUILD) install profile
	@$(run_deno) bench/profile/main.ts --runtime $(RUNTIME) $(ARGS)

docs: setup-tests ## Write the site with the guides and the reference of the API to out/site
	@$(run_deno) site/main.ts

fmt: setup ## Format TypeScript, Markdown, C++ and Zig
	@$(DENO) fmt --quiet
	@$(CLANG_FORMAT) -i $(cxx_files)
	@$(ZIG) fmt build.zig build

clean: ## Remove everything that was built or written
	rm -rf out zig-out .zig-cache dist

distclean: clean ## Also remove everything that was fetched
	rm -rf .deps node_modules
