#!/usr/bin/env bash
# The main flow, on a new machine, without further steps.
set -euo pipefail
cd "$(dirname "$0")/../Examples"
echo "Building the demo (the first time takes a minute or two) …"
swift build --product Demo 2>&1 | grep -E "error|warning: unre" || true
exec "$(swift build --product Demo --show-bin-path)/Demo"
