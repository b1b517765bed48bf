#!/usr/bin/env bash
# Runs the simulation of several processes for many seeds, or for one seed again, with its schedule.
# Usage: Scripts/simulate.sh [--seeds N] [--first N] [--jobs N] [--filter NAME]
#        Scripts/simulate.sh --seed N
# The seeds are divided between the processors. Debug builds of the tests run the same seeds in the same way.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
seeds=200000
first=1
jobs=$(nproc 2>/dev/null || sysctl -n hw.ncpu)
seed=
filter=SeedSimulationTests.everySeedHolds
while [ $# -gt 0 ]; do
    case "$1" in
        --seeds) seeds=$2; shift 2 ;;
        --first) first=$2; shift 2 ;;
        --jobs) jobs=$2; shift 2 ;;
        --seed) seed=$2; shift 2 ;;
        --filter) filter=$2; shift 2 ;;
        *) sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
    esac
done

# A build of its own, with one test target, so that it is quick and disturbs no other build.
export RING_TEST_TARGETS=Simulation
build=(-c release --scratch-path .build/simulation)
"$swift" build "${build[@]}" --product ring-partner-swiftPackageTests

# The order of sets and dictionaries is the same in every process.
export SWIFT_DETERMINISTIC_HASHING=1
tests=$("$swift" build "${build[@]}" --show-bin-path)/ring-partner-swiftPackageTests.xctest
run() {
    # SwiftPM runs one process at a time; the tests themselves, where they are a program, run side by side.
    if [ -f "$tests" ]; then
        "$tests" --testing-library swift-testing --filter "$filter"
    else
        "$swift" test "${build[@]}" --skip-build --filter "$filter"
    fi
}

if [ -n "$seed" ]; then
    RING_SIMULATION_SEED=$seed run
    exit
fi

each=$(((seeds + jobs - 1) / jobs))
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
start=$(date +%s)
# A process for 20,000 seeds at most: tasks that nobody ends any more stay in its memory.
work() {
    local from=$1 end=$2 count
    while [ "$from" -lt "$end" ]; do
        count=$((end - from < 20000 ? end - from : 20000))
        RING_SIMULATION_FIRST_SEED=$from RING_SIMULATION_SEEDS=$count run || return 1
        from=$((from + count))
    done
}
processes=()
for job in $(seq 0 $((jobs - 1))); do
    work $((first + job * each)) $((first + (job + 1) * each)) >"$logs/$job" 2>&1 &
    processes+=($!)
done
status=0
for job in $(seq 0 $((jobs - 1))); do
    wait "${processes[$job]}" || status=1
    grep -E '^[0-9]+ seeds from' "$logs/$job" || { cat "$logs/$job"; status=1; }
    grep -q 'recorded an issue' "$logs/$job" && cat "$logs/$job"
done
echo "$((each * jobs)) seeds in $(($(date +%s) - start)) seconds"
exit "$status"
