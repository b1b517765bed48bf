#!/usr/bin/env bash
# The reference of every library product as one static site in ./site; any DocC warning fails.
set -euo pipefail
cd "$(dirname "$0")/.."
graphs=.build/symbol-graphs
rm -rf "$graphs" site
mkdir -p "$graphs" site
swift build --scratch-path .build/docs -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir \
    -Xswiftc "$PWD/$graphs" -Xswiftc -symbol-graph-minimum-access-level -Xswiftc public \
    -Xswiftc -symbol-graph-skip-synthesized-members >/dev/null
for room in Sources/Ring*/; do
    name=$(basename "$room")
    mkdir -p "$graphs/of/$name"
    cp "$graphs/$name".symbols.json "$graphs/$name"@*.symbols.json "$graphs/of/$name/" 2>/dev/null || true
    docc convert "$room$name.docc" --additional-symbol-graph-dir "$graphs/of/$name" --fallback-display-name "$name" \
        --fallback-bundle-identifier "ring-partner-swift.$name" --warnings-as-errors \
        --transform-for-static-hosting --hosting-base-path "$name" --output-path "site/$name" >/dev/null
    echo "documented $name"
done
