#!/usr/bin/env bash
# Builds everything with the import check and runs the tests module by module: a module whose tests have deadlines on real
# sockets is not disturbed by another one that fuzzes. `swift test` runs all of them at once.
# Usage: Scripts/test.sh [--coverage] [Module …]
#        --coverage   in a build of its own that counts which lines run; then the share of each module. Fails when it is low.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
check=(--explicit-target-dependency-import-check error)
build=("${check[@]}")
collect() { :; }
if [ "${1:-}" = --coverage ]; then
    shift
    scratch=.build/coverage
    check+=(--scratch-path "$scratch")
    build=("${check[@]}" --enable-code-coverage)
    profiles=$PWD/$scratch/profiles
    rm -rf "$profiles"
    mkdir -p "$profiles"
    # One file for each process, child processes included; merged after each module, because they are many.
    export LLVM_PROFILE_FILE=$profiles/%p.profraw
    collect() { Scripts/coverage.py merge "$profiles"; }
fi

"$swift" build --build-tests "${build[@]}"
# Nothing depends on the transport of Apple systems on Linux; it has to compile there, too.
"$swift" build --target RingURLSession "${build[@]}"

modules=("$@")
if [ ${#modules[@]} -eq 0 ]; then
    for folder in Tests/*Tests/; do modules+=("$(basename "$folder" Tests)"); done
fi
failed=()
output=$(mktemp)
failures=$(mktemp)
trap 'rm -f "$output" "$failures"' EXIT
for module in "${modules[@]}"; do
    echo "== $module"
    options=()
    # Each of its tests starts programs, up to 60 at once, with limits of seconds: one after the other.
    [ "$module" != ringctl ] || options=(--no-parallel)
    if ! "$swift" test --skip-build "${check[@]}" "${options[@]}" --filter "^${module}Tests\." 2>&1 | tee "$output"; then
        failed+=("$module")
        # Which tests failed and where; a module that crashed shows its last lines.
        { echo "== $module"; grep -aE '^✘|: error:|Fatal error' "$output" || tail -n 20 "$output"; } >>"$failures"
    fi
    collect
done
if [ ${#failed[@]} -gt 0 ]; then
    cat "$failures" >&2
    echo "Failed: ${failed[*]}" >&2
    exit 1
fi
[ -z "${profiles:-}" ] || Scripts/coverage.py report "$profiles" "$("$swift" build "${build[@]}" --show-bin-path)"
