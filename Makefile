# The commands of this package. Each of them installs the Debian packages that are missing.
#   make demo    the main flow, printed step by step
#   make test    all tests and builds
#   make bench   tables of speed and size
#   make docs    the reference, as a static site in ./site
#   make lint    the format, strictly

SWIFT ?= swift

.PHONY: demo test unit examples benchmarks-build linkage peers bench docs lint sanitize fuzz deps clean

demo: deps
	@Scripts/demo.sh

test: deps unit examples benchmarks-build linkage peers
	@echo "make test: everything passed; skipped tests are listed above"

unit: deps
	@Scripts/test.sh

examples: deps
	$(SWIFT) build --package-path Examples

benchmarks-build: deps
	$(SWIFT) build --package-path Benchmarks

linkage: deps
	@Tests/LinkageTest/run.sh

peers: deps
	@Scripts/peers.sh

bench: deps
	@Scripts/bench.sh

docs: deps
	@Scripts/docs.sh

lint:
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests Examples Benchmarks

sanitize: deps
	@Scripts/sanitize.sh

fuzz: deps
	@Scripts/fuzz.sh

deps:
	@Scripts/install-debian-packages.sh

clean:
	rm -rf .build Examples/.build Benchmarks/.build Tests/LinkageTest/.build site
