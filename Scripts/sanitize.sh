#!/usr/bin/env bash
# The tests under the thread sanitizer and the address sanitizer, each in a build folder of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=enable=no
only=${1:-all}
if [ "$only" = all ] || [ "$only" = thread ]; then
    swift test --sanitize=thread --scratch-path .build/thread
fi
if [ "$only" = all ] || [ "$only" = address ]; then
    # The XCTest runner itself leaks, so the address sanitizer runs Swift Testing alone.
    swift test --sanitize=address --scratch-path .build/address --disable-xctest
fi
