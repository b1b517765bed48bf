#!/usr/bin/env bash
# Live video between real WebRTC engines, with ringctl as the negotiator. Called by `make test`.
set -euo pipefail
source "$(dirname "$0")/environment.sh"
exec "$venv/bin/python" "$here/peer_tests.py" "$ringctl" ${chromium:+--chromium "$chromium"} "$@"
