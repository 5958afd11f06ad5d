# tattle: `make trace` traces, `make test` proves. `make help` lists the rest. V=1 shows the commands.

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
Q := $(if $(V),,@)
SWIFT ?= swift
# The Swift toolchain's own clang has the BPF target: no other compiler is needed.
CLANG ?= $(dir $(realpath $(shell command -v $(SWIFT))))clang
CONFIGURATION ?= debug
BUILD := .build/$(CONFIGURATION)
RELEASE_BUILD := .build-release
HOOK_SETS := trampoline kprobe tracepoint
# Each set twice: the second build keeps its CPU to itself, with a kfunc that kernels have since 6.13.
OBJECTS := $(HOOK_SETS:%=bpf/out/%.bpf.o) $(HOOK_SETS:%=bpf/out/%-uninterrupted.bpf.o)
# What `tattle doctor` asks the kernel with: a program for each mechanism, and the prototypes the hooks rely on.
QUESTIONS := bpf/out/mechanisms.bpf.o bpf/out/prototypes.txt
BPF_ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(shell uname -m)))
# The prefix maps make the objects the same wherever they are built.
BPF_FLAGS := --target=bpf -mcpu=v3 -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror \
	-D__TARGET_ARCH_$(BPF_ARCH) -Ibpf/include -ISources/CProbes/include \
	-ffile-prefix-map=$(CURDIR)=. -fdebug-compilation-dir=.
KERNEL ?= 6.1
CMD ?= /bin/sh

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what building needs (asks for root only when something is missing)
	$(Q)scripts/setup build

.PHONY: bpf
bpf: setup $(OBJECTS) $(QUESTIONS) ## Compile the BPF programs

BPF_SOURCES := $(wildcard bpf/include/*.h) Sources/CProbes/include/probe_abi.h Makefile

bpf/out/%-uninterrupted.bpf.o: bpf/%.bpf.c $(BPF_SOURCES)
	$(call compile-bpf,-DTATTLE_UNINTERRUPTED)

bpf/out/%.bpf.o: bpf/%.bpf.c $(BPF_SOURCES)
	$(call compile-bpf)

bpf/out/prototypes.txt: $(wildcard bpf/*.bpf.c bpf/include/*.h) Makefile
	@mkdir -p $(@D)
	$(Q)grep -n 'match-proto:' $(sort $(filter %.c %.h,$^)) >$@.tmp
	$(Q)mv $@.tmp $@

define compile-bpf
@mkdir -p $(@D)
@echo "  BPF     $@"
$(Q)$(CLANG) $(BPF_FLAGS) $(1) -c $< -o $@.tmp
$(Q)$(dir $(CLANG))llvm-objcopy --strip-debug $@.tmp
$(Q)mv $@.tmp $@
endef

.PHONY: build
build: bpf ## Build tattle
	$(Q)$(SWIFT) build -c $(CONFIGURATION) --product tattle

.PHONY: trace
trace: build ## Trace this machine on the screen (asks for root if need be); ARGS="--failed" adds options
	$(Q)if [ "$$(id -u)" = 0 ]; then exec $(BUILD)/tattle trace $(ARGS); \
	else echo "tracing needs root" >&2; exec sudo $(BUILD)/tattle trace $(ARGS); fi

# Says to SwiftPM, in the place of Debian's, that libbpf, nettle, zlib and zstd are archives, and what they need: so they
# go into the binary.
STATIC := $(RELEASE_BUILD)/static

.PHONY: static
static:
	@mkdir -p $(STATIC) dist
	$(Q)archives=$$(for library in bpf elf z zstd; do \
		[ -e "$$($(CLANG) -print-file-name=lib$$library.a)" ] && echo "-l:lib$$library.a"; done; true); \
	printf 'Name: libbpf\nDescription: libbpf, static\nVersion: 1\nLibs: %s\n' "$$(echo $$archives)" >$(STATIC)/libbpf.pc
	$(Q)printf 'Name: nettle\nDescription: nettle, static\nVersion: 1\nLibs: -l:libnettle.a\n' >$(STATIC)/nettle.pc
	$(Q)printf 'Name: zlib\nDescription: zlib, static\nVersion: 1\nLibs: -l:libz.a\n' >$(STATIC)/zlib.pc
	$(Q)printf 'Name: libzstd\nDescription: zstd, static\nVersion: 1\nLibs: -l:libzstd.a\n' >$(STATIC)/libzstd.pc

.PHONY: release
release: bpf static ## Leave dist/tattle, which runs on a machine without Swift and without these libraries
	$(Q)PKG_CONFIG_PATH=$(CURDIR)/$(STATIC) $(SWIFT) build -c release --product tattle --static-swift-stdlib \
		--scratch-path $(RELEASE_BUILD)
	$(Q)$(dir $(CLANG))llvm-objcopy --strip-all $(RELEASE_BUILD)/release/tattle dist/tattle
	@ls -l dist/tattle

# A package of its own. Without the network's libraries (TATTLE_SHIP_LEAN) it builds in a minute.
SHIP := --package-path Ship --scratch-path .build-ship

.PHONY: ship
ship: setup static ## Leave dist/tattle-ship, which delivers what tattle wrote (SwiftNIO takes a few minutes)
	$(Q)PKG_CONFIG_PATH=$(CURDIR)/$(STATIC) $(SWIFT) build -c release --product tattle-ship --static-swift-stdlib $(SHIP)-release
	$(Q)$(dir $(CLANG))llvm-objcopy --strip-all .build-ship-release/release/tattle-ship dist/tattle-ship
	@ls -l dist/tattle-ship

.PHONY: attempts
attempts: .build/attempts ## Build the program that makes one attempt of each kind

# Static, so that a copy of it runs anywhere: in a chroot, from memory.
.build/attempts: $(wildcard Tests/workload/*.c Tests/workload/*.h) Sources/CProbes/include/probe_abi.h
	@mkdir -p .build
	@echo "  CC      $@"
	$(Q)$(CLANG) -O2 -g -std=gnu2x -Wall -Wextra -Wno-missing-field-initializers -Werror -ISources/CProbes/include \
		-static -o $@ Tests/workload/*.c -lpthread

.PHONY: test
test: ## Everything: set-up, unit tests, kernel tests here, the VM matrix
	$(Q)scripts/test

.PHONY: test-unit
test-unit: bpf attempts ## Unit tests only
	$(Q)$(SWIFT) test --disable-xctest --skip KernelTests

.PHONY: test-kernel
test-kernel: bpf attempts ## Kernel tests on the running kernel (needs root)
	$(Q)$(SWIFT) build --product tattle && $(SWIFT) test --disable-xctest --filter KernelTests

.PHONY: test-ship
test-ship: setup ## tattle-ship's tests that need no network
	$(Q)TATTLE_SHIP_LEAN=1 $(SWIFT) test --disable-xctest $(SHIP)

.PHONY: test-ship-all
test-ship-all: setup ## All of tattle-ship's tests, those over the network on loopback
	$(Q)$(SWIFT) test --disable-xctest $(SHIP)

.PHONY: test-transports
test-transports: setup ## tattle-ship's network against a fault server, on loopback (SwiftNIO takes a few minutes)
	$(Q)$(SWIFT) test --disable-xctest $(SHIP) --filter TransportsTests

.PHONY: test-receivers
test-receivers: setup ## tattle-ship delivers RECORDS=1000000 to real receivers on loopback; RECEIVERS="rsyslog …": some (large wheels)
	$(Q)scripts/setup test
	$(Q)scripts/test-receivers $(RECEIVERS)

.PHONY: beacons-table
beacons-table: bpf ## Measure which made-up beacons are found, and write the table into docs/BEACONS.md
	$(Q)TATTLE_BEACON_TABLE=$(CURDIR)/docs/BEACONS.md $(SWIFT) test --disable-xctest --filter BeaconTableTests

.PHONY: test-schemas
test-schemas: ## Hold the golden records against the JSON schemas, OCSF ones against OCSF's; LOGS="…" others as well
	$(Q)scripts/setup test
	$(Q)scripts/test-schemas $(LOGS)

.PHONY: test-engines
test-engines: bpf ## DuckDB, ClickHouse's engine and jq count a log of ATTEMPTS=1000000 as tattle does (large wheels, 1.5 GB)
	$(Q)scripts/setup test
	$(Q)scripts/test-engines $(ATTEMPTS)

.PHONY: fuzz
fuzz: ## Fuzz the writers, the reader and the rules for FUZZ_SECONDS=300
	$(Q)scripts/setup build
	$(Q)scripts/fuzz $(FUZZ_SECONDS)

.PHONY: conformance
conformance: ## Every kind of attempt on every kernel and hook set, as docs/CONFORMANCE.md; PEERS=1: other tracers too
	$(Q)scripts/conformance

.PHONY: vm
vm: ## Run CMD in a virtual machine: make vm KERNEL=6.1 CMD='uname -a'
	$(Q)scripts/setup test
	$(Q)scripts/vm/run $(KERNEL) $(VM_FLAGS) -- sh -c '$(CMD)'

# Everything that measures: built as it is released, and what fills the ring.
BENCH := release bpf/out/bench.bpf.o
BENCH_SETUP := scripts/setup bench >&2
BENCH_ENVIRONMENT := CLANG=$(CLANG) SWIFT=$(SWIFT)

.PHONY: bench
bench: $(BENCH) ## Measure everything and hold it against the budgets, into docs/PERFORMANCE.md (needs root; ten minutes)
	$(Q)$(BENCH_SETUP)
	$(Q)$(BENCH_ENVIRONMENT) scripts/bench/all

.PHONY: bench-quick
bench-quick: $(BENCH) ## The same with less of each, in two minutes; the document stays as it is
	$(Q)$(BENCH_SETUP)
	$(Q)$(BENCH_ENVIRONMENT) QUICK=1 scripts/bench/all

BENCH_PARTS := bench-consumer bench-parts bench-reader bench-flood bench-compress bench-startup bench-memory bench-instructions
.PHONY: $(BENCH_PARTS)
bench-consumer: ## From the ring to the file: records a second, allocations
bench-parts: ## Parts of that way, beside JSONEncoder
bench-flood: ## This machine at its limits, under tattle and others
bench-reader: ## Instructions of the main thread in user space, by callgrind
bench-compress: ## What is lost while an old file of the log is compressed: nothing
bench-startup: ## From the start to the first event
bench-memory: ## Resident memory; VM=6.12: in a virtual machine
bench-instructions: ## An attempt's instructions under tattle and others; KERNELS="6.1 6.12"
$(BENCH_PARTS): $(BENCH)
	$(Q)$(BENCH_SETUP)
	$(Q)$(BENCH_ENVIRONMENT) VM=$(VM) scripts/bench/$(@:bench-%=%)

.PHONY: bench-beacons
bench-beacons: release ## How fast tattle beacons scores RECORDS="1000000 10000000" made-up records; INSTRUCTIONS=1 counts them
	$(Q)$(BENCH_ENVIRONMENT) RECORDS="$(RECORDS)" INSTRUCTIONS=$(INSTRUCTIONS) scripts/bench/beacons

.PHONY: bench-held
bench-held: release ## What looking at held connections costs, in instructions of a virtual machine: CONNECTIONS="0 100 10000"
	$(Q)$(BENCH_SETUP)
	$(Q)scripts/setup test >&2
	$(Q)$(BENCH_ENVIRONMENT) CONNECTIONS="$(CONNECTIONS)" scripts/bench/held

# What is formatted and linted.
SWIFT_SOURCES := Sources Tests Benchmarks/Benchmarks Package.swift Ship/Sources Ship/Tests Ship/Package.swift

.PHONY: bench-ship
bench-ship: ship ## How fast tattle-ship delivers RECORDS=1000000 to a file: all arrive
	$(Q)$(BENCH_ENVIRONMENT) RECORDS=$(RECORDS) scripts/bench/ship

.PHONY: format
format: ## Format the Swift sources
	$(Q)$(SWIFT) format --in-place --parallel --recursive $(SWIFT_SOURCES)

.PHONY: check-stack
check-stack: bpf ## Check that no BPF program needs more stack than every kernel gives
	$(Q)status=0; for object in $(sort $(OBJECTS) $(filter %.o,$(QUESTIONS))); do \
		$(dir $(CLANG))llvm-objdump -dr --no-show-raw-insn $$object | \
		awk -v object=$$(basename $$object) -f scripts/lib/stack.awk || status=1; done; exit $$status

.PHONY: lint
lint: check-stack ## Check the Swift sources' format and docs, who imports whom, and the BPF programs' stack
	$(Q)$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	$(Q)$(SWIFT) build --product tattle --explicit-target-dependency-import-check error

.PHONY: clean
clean: ## Remove everything that was built
	$(Q)rm -rf .build $(RELEASE_BUILD) .build-ship .build-ship-release Benchmarks/.build bpf/out dist
