#!/usr/bin/env bash
# Builds everything with the import check and runs the tests room by room: a room that works with deadlines on real
# sockets is not disturbed by another one that fuzzes. `swift test` runs all of them at once.
# Usage: Scripts/test.sh [Room …]
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
check=(--explicit-target-dependency-import-check error)

"$swift" build --build-tests "${check[@]}"
# Nothing reaches the transport of Apple systems on Linux; it has to compile all the same.
"$swift" build --target RingURLSession "${check[@]}"

rooms=("$@")
if [ ${#rooms[@]} -eq 0 ]; then
    for folder in Tests/*Tests/; do rooms+=("$(basename "$folder" Tests)"); done
fi
failed=()
for room in "${rooms[@]}"; do
    echo "== $room"
    "$swift" test --skip-build "${check[@]}" --filter "^${room}Tests\." || failed+=("$room")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "Failed: ${failed[*]}" >&2
    exit 1
fi
