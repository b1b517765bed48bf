#!/usr/bin/env bash
# Starts the dashboard with a simulated Ring beside it, on a new machine, without further steps. Prints one URL.
set -euo pipefail
program=$("$(dirname "$0")/build-example.sh" Dashboard)
exec "$program" --simulator
