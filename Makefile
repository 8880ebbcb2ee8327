# A thin front of Meson (meson.build) and of scripts/. `make help` lists what there is.

.DEFAULT_GOAL := build
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 10
export FUZZ_SECONDS
RELEASE = --buildtype=release --prefix=$(PREFIX) $(if $(SYSCONFDIR),--sysconfdir=$(SYSCONFDIR))

help: ## show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | awk -F '\t' '{ printf "make %-14s %s\n", $$1, $$2 }'

build: ## build the release; the programs are in build/bin/
	@scripts/install-packages build
	@scripts/build build $(RELEASE)
	@echo "The programs are in build/bin/."

run: ## filter mail: build, make a configuration in var/ if there is none, start the daemon
	@scripts/run

test: ## build with sanitizers and run every test
	@scripts/test

fuzz: ## fuzz every parser for FUZZ_SECONDS (10) each
	@scripts/fuzz

cluster-test: ## break a Galera cluster, and a PostgreSQL primary, with three daemons in front (about 4 minutes)
	@scripts/cluster-test

bench: ## measure time, memory and store size beside bogofilter
	@scripts/bench

bench-accuracy: ## measure errors beside every other statistical filter of Debian (about an hour)
	@scripts/bench-accuracy

bench-attacks: ## measure what stuffed spam, wrong labels and huge messages do to the filter
	@scripts/bench-attacks

bench-stores: ## measure SQLite, PostgreSQL and MariaDB: messages a second, learned and judged
	@scripts/bench-stores

install: ## install a release below PREFIX (/usr/local); DESTDIR and SYSCONFDIR are honoured
	@scripts/install-packages build
	@scripts/build build $(RELEASE)
	@DESTDIR="$(DESTDIR)" meson install -C build --no-rebuild --quiet

format: ## format all C files
	@scripts/format

check-format: ## say which C files are not formatted
	@scripts/format --check

clean: ## remove all build directories (var/ stays)
	@rm -rf build build-test build-clang build-fuzz

.PHONY: help build run test fuzz cluster-test bench bench-accuracy bench-attacks bench-stores install format check-format clean
