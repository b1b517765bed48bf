#!/usr/bin/env bash
# Proves live video: recordings from aiortc, Chromium and the sender of this package, with and without loss; failures; a network that
# is cut; kill -9; chained sessions; then the measurements of the live engine. `make live` runs all of it, which takes about an hour.
# Usage: Scripts/live.sh [--short] [arguments of Tests/WHEPPeer/live_tests.py]
#        --short   ten recordings a peer and 90 s of chain, for .ci/run: about five minutes on two cores; no measurements, no cap
# Says what it skips where GStreamer, Chromium, ffmpeg or the Python packages are missing.
set -euo pipefail
cd "$(dirname "$0")/.."
what="live video"
source Tests/WHEPPeer/environment.sh

# ringctl says itself what of GStreamer is missing.
missing=$("$venv/bin/python" - <<'PYTHON'
import ctypes
for name in ("libgstreamer-1.0.so.0", "libgstwebrtc-1.0.so.0", "libgstsdp-1.0.so.0"):
    try:
        ctypes.CDLL(name)
    except OSError:
        print(name)
        break
PYTHON
)
[ -z "$missing" ] || skip "GStreamer's $missing is not installed: gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
gstreamer1.0-plugins-bad gstreamer1.0-nice"

"$venv/bin/python" "$here/live_tests.py" "$ringctl" ${chromium:+--chromium "$chromium"} "$@"
case " $* " in *" --short "* | *" --only "*) exit 0 ;; esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export RING_LIVE_RINGCTL=$ringctl RING_LIVE_SCENARIO=$folder/scenario.json RING_LIVE_FILM=$folder/film.h264
export RING_LIVE_LARGE_FILM=$folder/large.h264
"$venv/bin/python" "$here/film.py" make "$RING_LIVE_FILM"
"$venv/bin/python" "$here/film.py" make "$RING_LIVE_LARGE_FILM" --size 1920x1080 --kbps 1650 --texture --pictures 200
# Ten devices: one session is open on each at a time.
devices=$(printf '{"kind": "doorbell", "name": "Door %s"}, ' 1 2 3 4 5 6 7 8 9 10)
echo '{"accounts": [{"state": "completed", "devices": ['"${devices%, }"']}],
    "switches": {"whep_requires_high_profile": false, "whep_history_entries": false}}' >"$RING_LIVE_SCENARIO"
${SWIFT:-swift} test --filter '^RingLiveTests\.LiveMeasurements'
