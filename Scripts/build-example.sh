#!/usr/bin/env bash
# Builds a program of Examples and prints its path. On a terminal the build shows what it does; elsewhere only what failed.
# Usage: Scripts/build-example.sh PRODUCT
set -euo pipefail
cd "$(dirname "$0")/../Examples"
echo "Building $1; the first time takes minutes …" >&2
if [ -t 2 ]; then
    swift build --product "$1" >&2
else
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    swift build --product "$1" >"$log" 2>&1 || { grep -E "error:" "$log" >&2 || cat "$log" >&2; exit 1; }
fi
echo "$(swift build --product "$1" --show-bin-path)/$1"
