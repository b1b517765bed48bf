#!/usr/bin/env bash
# Programs that others wrote: live video against real WebRTC engines, and Python clients against the simulator. Each is reported
# as skipped, never silently passed, where its packages cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
Tests/WHEPPeer/run.sh
Tests/PythonClients/run.sh
