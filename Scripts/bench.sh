#!/usr/bin/env bash
# The tables of speed and size, in release. Arguments go to the benchmark program: --json, --check, names.
set -euo pipefail
cd "$(dirname "$0")/../Benchmarks"
swift build -c release
exec "$(swift build -c release --show-bin-path)/ring-benchmarks" "$@"
