#!/usr/bin/env bash
# Starts the dashboard with a simulated Ring beside it, on a new machine, without further steps. Prints one URL.
set -euo pipefail
cd "$(dirname "$0")/../Examples"
echo "Building the dashboard (the first time takes a minute or two) …"
swift build --product Dashboard 2>&1 | grep -E "error|warning: unre" || true
exec "$(swift build --product Dashboard --show-bin-path)/Dashboard" --simulator
