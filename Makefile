# `make demo` and `make test` do everything on a fresh Debian machine; the rest is for developers.
export PATH := $(HOME)/.cargo/bin:$(PATH)

# SIPp sends its captures of real digits through a raw socket. An ordinary user may open one in a
# network namespace of its own, which is all that the tests need.
privately := $(shell [ "$$(id -u)" = 0 ] || echo unshare --map-root-user --net tests/e2e/private)

.PHONY: demo test console plugins lint fmt bench soak hostile clean-demo

demo: ## Start two demo tenants and tell where to call.
	.ci/packages demo
	runtime/console/build
	runtime/widget/build
	cargo build --release -p jackfield-server
	target/release/jackfield plugin build plugins
	examples/demo/run

test: ## Build everything and run all tests.
	.ci/packages test
	runtime/console/build
	runtime/widget/build
	cargo build --workspace --all-targets
	target/debug/jackfield plugin build plugins
	target/debug/jackfield plugin build tests/guests
	npm ci --silent --no-audit --no-fund --prefix tests/e2e/oidc
	$(if $(privately),tests/e2e/fetch)
	$(privately) cargo test --workspace
	cd plugins && cargo test --workspace --target-dir ../target/plugins-native
	cd sdk/rust && cargo test --target-dir ../../target/plugins-native
	runtime/console/with-node npm test --silent
	runtime/console/with-node npm test --silent --prefix ../widget

console: ## Build the pages of the console and the chat window; the next build of the program has them.
	runtime/console/build
	runtime/widget/build

plugins: ## Build the bundled plugins and the misbehaving guests into target/plugins.
	cargo run -q -p jackfield-server -- plugin build plugins
	cargo run -q -p jackfield-server -- plugin build tests/guests

lint: ## Formatting and clippy, for the host and the guests.
	runtime/console/with-node npm run --silent lint
	runtime/console/with-node npm run --silent lint --prefix ../widget
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	for guests in plugins tests/guests sdk/rust; do \
	  (cd $$guests && cargo fmt --all --check \
	    && cargo clippy --all-targets --target-dir $(CURDIR)/target/plugins-native -- -D warnings) || exit 1; \
	done

fmt: ## Format the sources.
	cargo fmt --all
	cd plugins && cargo fmt --all
	cd tests/guests && cargo fmt --all
	cd sdk/rust && cargo fmt --all

bench: ## Measure; the figures and how they were taken are in tests/bench/README.md.
	cargo build --release -p jackfield-server
	target/release/jackfield plugin build plugins
	tests/bench/run

# How long `make soak` may take, and its first seed: `make soak FOR=8h SEED=100000`.
FOR ?= 10m
SEED ?= 1

soak: ## Play made-up centres in which everything breaks, one after the other, and check each step.
	cargo run --release -q -p jackfield-server -- simulate chaos --runs 100000 --seed $(SEED) --at-most $(FOR)

# How long `make hostile` attacks, in seconds; as long again it does not, in turns.
ATTACK ?= 60

hostile: plugins ## A tenant whose plugins attack beside one that works: what the other notices.
	cargo build --release -p jackfield-plugin-host --bins
	cargo run --release -q -p jackfield-plugin-host --example hostile_bench -- $(ATTACK)
	cargo run --release -q -p jackfield-plugin-host --example host_bench

clean-demo: ## Remove the demo's store.
	rm -rf data/demo
