#!/usr/bin/env bash
# The tests of every module, child processes included, under the thread and the address sanitizer, each in its own build folder.
# Fails on any report. Slow: a program under the thread sanitizer takes about ten times as long, so modules with real deadlines
# need a machine without other work.
# Usage: Scripts/sanitize.sh [thread|address|all] [Module …]
#
# The thread sanitizer does not see the lock of Synchronization.Mutex on Linux (Swift 6.3.1); thread-sanitizer.c shows it.
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=enable=no
swift=${SWIFT:-swift}
which=${1:-all}
shift || true
modules=("$@")
if [ ${#modules[@]} -eq 0 ]; then
    for folder in Tests/*Tests/; do modules+=("$(basename "$folder" Tests)"); done
fi

# What measures: memory and times of a sanitized program say nothing. One test loads a library of its own before the program.
skipped=(--skip JSONMemoryTests --skip FleetRateTests --skip conformsByMeasure --skip memoryDoesNotGrow --skip DoesNotDelayTheNextProcess --skip DurableFileTests)

run() { # sanitizer, library to load before the tests, further arguments
    local sanitizer=$1 preload=$2 failed=() start=$SECONDS begin
    shift 2
    "$swift" build --build-tests --sanitize="$sanitizer" --scratch-path ".build/$sanitizer"
    for module in "${modules[@]}"; do
        echo "== $module under the $sanitizer sanitizer"
        begin=$SECONDS
        LD_PRELOAD=$preload "$swift" test --skip-build --sanitize="$sanitizer" --scratch-path ".build/$sanitizer" "$@" \
            --filter "^${module}Tests\." "${skipped[@]}" || failed+=("$module")
        echo "   $((SECONDS - begin)) seconds"
    done
    [ ${#failed[@]} -eq 0 ] || { echo "Failed under the $sanitizer sanitizer: ${failed[*]}" >&2; exit 1; }
    echo "make sanitize: no report of the $sanitizer sanitizer in ${#modules[@]} modules, $((SECONDS - start)) seconds"
}
if [ "$which" = all ] || [ "$which" = thread ]; then
    seen=$(mktemp --suffix .so)
    trap 'rm -f "$seen"' EXIT
    # The toolchain's own compiler: only clang has the calling conventions of Swift.
    "$(dirname "$(readlink -f "$(command -v "$swift")")")/clang" -O1 -Wall -fPIC -shared Scripts/thread-sanitizer.c -o "$seen"
    run thread "$seen"
fi
# The XCTest runner itself leaks, so the address sanitizer runs Swift Testing alone. What is left at a process's end (names
# made once, a task that waits on a test's clock) is not a fault, so leaks are not counted.
export ASAN_OPTIONS=detect_leaks=0
if [ "$which" = all ] || [ "$which" = address ]; then run address '' --disable-xctest; fi
