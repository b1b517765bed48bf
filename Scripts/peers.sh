#!/usr/bin/env bash
# Live video against real WebRTC peers. Reported as skipped, never silently passed, where their packages cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -x Tests/WHEPPeer/run.sh ]; then exec Tests/WHEPPeer/run.sh; fi
echo "SKIPPED: real WebRTC peers (Tests/WHEPPeer is not here)"
