#!/usr/bin/env bash
# Builds the examples, and runs each without settings: it must end with status 2 and say in one line which variable is missing. Then
# runs the use cases against the simulator, and prints how long they are. At the end their tests in Swift, which start programs
# against the simulator; those in a browser need Debian's chromium and chromium-driver, and say so.
set -euo pipefail
cd "$(dirname "$0")/../Examples"
swift=${SWIFT:-swift}
"$swift" build
programs=$("$swift" build --show-bin-path)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=()
for source in Sources/*/; do
    name=$(basename "$source")
    case $name in Support | Demo) continue ;; esac
    status=0
    (cd "$folder" && env -i SWIFT_BACKTRACE=enable=no timeout 60 "$programs/$name" >output 2>error) || status=$?
    lines=$(wc -l <"$folder/error")
    if [ "$status" -ne 2 ] || [ "$lines" -ne 1 ] || ! grep -q RING_ "$folder/error"; then
        echo "$name without settings ended with $status and said:" >&2
        head -5 "$folder/error" >&2
        failed+=("$name")
    fi
done
[ ${#failed[@]} -eq 0 ] || { echo "Examples that fail without saying why: ${failed[*]}" >&2; exit 1; }
echo "examples: each ends with status 2 and one line when its settings are missing"
"$swift" build --package-path .. --product ringctl
../Scripts/run-examples.py --programs "$programs" --ringctl "$("$swift" build --package-path .. --show-bin-path)/ringctl"

cd ..
export RING_EXAMPLES=$programs RING_TEST_TARGETS=Examples
"$swift" build --build-tests --explicit-target-dependency-import-check error
"$swift" test --skip-build --explicit-target-dependency-import-check error --filter "^ExamplesTests\."
