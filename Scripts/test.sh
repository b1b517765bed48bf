#!/usr/bin/env bash
# Builds everything with the import check and runs the tests module by module: a module whose tests have deadlines on real
# sockets is not disturbed by another one that fuzzes. `swift test` runs all of them at once.
# Usage: Scripts/test.sh [Module …]
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
check=(--explicit-target-dependency-import-check error)

"$swift" build --build-tests "${check[@]}"
# Nothing depends on the transport of Apple systems on Linux; it has to compile there, too.
"$swift" build --target RingURLSession "${check[@]}"

modules=("$@")
if [ ${#modules[@]} -eq 0 ]; then
    for folder in Tests/*Tests/; do modules+=("$(basename "$folder" Tests)"); done
fi
failed=()
for module in "${modules[@]}"; do
    echo "== $module"
    "$swift" test --skip-build "${check[@]}" --filter "^${module}Tests\." || failed+=("$module")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "Failed: ${failed[*]}" >&2
    exit 1
fi
