#!/usr/bin/env bash
# The main flow, on a new machine, without further steps.
set -euo pipefail
program=$("$(dirname "$0")/build-example.sh" Demo)
exec "$program"
