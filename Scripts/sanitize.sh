#!/usr/bin/env bash
# The tests of every module, child processes included, under the thread and the address sanitizer, each in its own build folder.
# Fails on any report, and on any test that fails. Slow: a program under the thread sanitizer takes about ten times as long, so
# modules with real deadlines need a machine without other work; a module with a failed test, but no report, runs once more with
# its tests one after the other.
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
chosen=$*
if [ ${#modules[@]} -eq 0 ]; then
    for folder in Tests/*Tests/; do modules+=("$(basename "$folder" Tests)"); done
fi

# What measures: memory and times of a sanitized program say nothing. One test loads a library of its own before the program, one
# limits the size of files, which is the sanitizer's memory as well.
skipped=(--skip JSONMemoryTests --skip FleetRateTests --skip conformsByMeasure --skip memoryDoesNotGrow --skip DoesNotDelayTheNextProcess
    --skip endsInTimeWhere --skip manySlowDownloadsHoldNoCopies --skip sessionsLeaveNothingBehind --skip DurableFileTests --skip aFileLargerThanTheProcessMayWriteIsAnError)

seen=$(mktemp --suffix .so)
reports=$(mktemp -d) # One file for each process with a report, child processes that a test kills included.
trap 'rm -rf "$seen" "$reports"' EXIT
export RING_SIMULATION_SEEDS=${RING_SIMULATION_SEEDS:-200} # 2,000 take more than ten minutes.
export TSAN_OPTIONS=log_path=$reports/report
# The XCTest runner itself leaks, so the address sanitizer runs Swift Testing alone. What is left at a process's end (names
# made once, a task that waits on a test's clock) is not a fault, so leaks are not counted.
export ASAN_OPTIONS=detect_leaks=0:log_path=$reports/report

attempt() { # module, sanitizer, library to load before the tests, further arguments
    local module=$1 sanitizer=$2 preload=$3 status=0
    shift 3
    LD_PRELOAD=$preload "$swift" test --skip-build --sanitize="$sanitizer" --scratch-path ".build/$sanitizer" "$@" \
        --filter "^${module}Tests\." "${skipped[@]}" || status=1
    if [ -n "$(ls -A "$reports")" ]; then
        cat "$reports"/* >&2
        rm "$reports"/*
        return 2
    fi
    return "$status"
}

run() { # sanitizer, library to load before the tests, further arguments
    local sanitizer=$1 preload=$2 failed=() ordered start=$SECONDS begin status
    shift 2
    # From nothing: Swift 6.3.1 keeps the object of a module whose import of an import has a new layout.
    [ -n "$chosen" ] || rm -rf ".build/$sanitizer"
    "$swift" build --build-tests --sanitize="$sanitizer" --scratch-path ".build/$sanitizer"
    for module in "${modules[@]}"; do
        echo "== $module under the $sanitizer sanitizer"
        begin=$SECONDS
        status=0
        ordered=()
        [ "$module" != ringctl ] || ordered=(--no-parallel) # Each of its tests starts programs.
        attempt "$module" "$sanitizer" "$preload" "$@" "${ordered[@]}" || status=$?
        if [ "$status" -eq 1 ]; then
            echo "== $module under the $sanitizer sanitizer, one test after the other"
            status=0
            attempt "$module" "$sanitizer" "$preload" "$@" --no-parallel || status=$?
        fi
        [ "$status" -eq 0 ] || failed+=("$module")
        echo "   $((SECONDS - begin)) seconds"
    done
    [ ${#failed[@]} -eq 0 ] || { echo "Failed under the $sanitizer sanitizer: ${failed[*]}" >&2; exit 1; }
    echo "make sanitize: no report of the $sanitizer sanitizer in ${#modules[@]} modules, $((SECONDS - start)) seconds"
}
if [ "$which" = all ] || [ "$which" = thread ]; then
    # The toolchain's own compiler: only clang has the calling conventions of Swift.
    "$(dirname "$(readlink -f "$(command -v "$swift")")")/clang" -O1 -Wall -fPIC -shared Scripts/thread-sanitizer.c -o "$seen"
    run thread "$seen"
fi
if [ "$which" = all ] || [ "$which" = address ]; then run address '' --disable-xctest; fi
