#!/usr/bin/env bash
# The tests under a sanitizer, room by room, each sanitizer in a build folder of its own. Slow: a program under the thread
# sanitizer takes about ten times as long, so rooms with real deadlines want a machine that does nothing else.
# Usage: Scripts/sanitize.sh [thread|address|all] [Room …]
#
# The thread sanitizer's reports are for reading, not a verdict: on Linux (Swift 6.3.1) it does not see the lock of
# Synchronization.Mutex and reports eight tasks that append under one Mutex as an access race. So the default is address.
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=enable=no
swift=${SWIFT:-swift}
which=${1:-address}
shift || true
rooms=("$@")
[ ${#rooms[@]} -gt 0 ] || rooms=(RingJSONAPI RingCrypto RingCore RingOAuth RingAccounts RingDevices RingWebhooks RingWHEP)

run() { # sanitizer, further arguments
    local sanitizer=$1 failed=()
    shift
    "$swift" build --build-tests --sanitize="$sanitizer" --scratch-path ".build/$sanitizer"
    for room in "${rooms[@]}"; do
        echo "== $room under the $sanitizer sanitizer"
        "$swift" test --skip-build --sanitize="$sanitizer" --scratch-path ".build/$sanitizer" "$@" \
            --filter "^${room}Tests\." || failed+=("$room")
    done
    [ ${#failed[@]} -eq 0 ] || { echo "Failed under the $sanitizer sanitizer: ${failed[*]}" >&2; exit 1; }
}
if [ "$which" = all ] || [ "$which" = thread ]; then run thread; fi
# The XCTest runner itself leaks, so the address sanitizer runs Swift Testing alone.
if [ "$which" = all ] || [ "$which" = address ]; then run address --disable-xctest; fi
