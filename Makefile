# The commands of this package. Each of them installs the Debian packages that are missing.
#   make demo    the main flow, printed step by step
#   make dashboard   a dashboard in the browser with a simulated Ring beside it: devices, live video, events, clips
#   make test    all tests and builds
#   make coverage   the tests in a build that counts lines, and the share of lines that they run
#   make fuzz    every reader of outside bytes, SECONDS_EACH=30 seconds each
#   make sanitize   the tests under the thread and the address sanitizer
#   make live    live video against real WebRTC peers: recordings, failures, chains, measurements; about an hour
#   make bench   tables of speed and size
#   make docs    articles and reference as one static site in ./site, with a search
#   make dist    a release archive of ringctl with its checksum, in ./dist
#   make api     the public API of every product, as text in ./API
#   make lint    the format, strictly, the vocabulary, and that every error is documented

SWIFT ?= swift

.PHONY: demo dashboard test checks unit coverage snippets api api-check examples benchmarks-build linkage peers live bench docs dist lint sanitize fuzz deps build-deps \
    debug-build clean

demo: build-deps
	@Scripts/demo.sh

dashboard: build-deps
	@Scripts/dashboard.sh

test: unit checks
	@echo "make test: everything passed; skipped tests are listed above"

checks: deps snippets api-check examples benchmarks-build linkage peers

# COVERAGE=1 make test: in a build that counts lines.
unit: deps
	@Scripts/test.sh $(if $(COVERAGE),--coverage)

coverage: deps
	@Scripts/test.sh --coverage

snippets: debug-build
	@Scripts/check-snippets.py

api: debug-build
	@Scripts/public-api.py

api-check: debug-build
	@Scripts/public-api.py --check

examples: deps
	@Scripts/examples.sh

benchmarks-build: deps
	$(SWIFT) build --package-path Benchmarks

linkage: deps
	@Tests/LinkageTest/run.sh

peers: deps
	@Scripts/peers.sh

live: deps
	@Scripts/live.sh

bench: deps
	@Scripts/bench.sh

docs: deps
	@Scripts/docs.sh

dist: build-deps
	@Scripts/dist.sh

lint:
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests Examples Benchmarks
	@Scripts/check-words.py
	@Scripts/check-errors.py

sanitize: deps
	@Scripts/sanitize.sh

fuzz: deps
	@Scripts/fuzz.sh

debug-build: deps
	$(SWIFT) build
	$(SWIFT) build --target RingURLSession

deps:
	@Scripts/install-debian-packages.sh

# Without the packages that only the checks need, which are many.
build-deps:
	@Scripts/install-debian-packages.sh --build

clean:
	rm -rf .build Examples/.build Benchmarks/.build Tests/LinkageTest/.build site dist
