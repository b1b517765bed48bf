#!/usr/bin/env bash
# Fuzzes the JSON reader with libFuzzer and AddressSanitizer: Tests/Fuzz/json.sh [seconds], 60 by default.
# Inputs worth keeping gather in .build/fuzz/corpus; a crashing one is written to .build/fuzz and fails the run.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
mkdir -p .build/fuzz/corpus
cd .build/fuzz
flags=(
    -O -swift-version 6 -package-name ring_partner_swift -parse-as-library -sanitize=fuzzer,address
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature ExistentialAny
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault
)
mapfile -t sources < <(find "$root/Sources/RingHTTP" -name '*.swift')
swiftc "${flags[@]}" -emit-module -emit-library -static -module-name RingHTTP -o libRingHTTP.a "${sources[@]}"
mapfile -t sources < <(find "$root/Sources/RingJSONAPI" -name '*.swift')
swiftc "${flags[@]}" -I . -emit-module -emit-library -static -module-name RingJSONAPI -o libRingJSONAPI.a "${sources[@]}"
swiftc "${flags[@]}" -I . "$root/Tests/Fuzz/JSONFuzz.swift" libRingJSONAPI.a libRingHTTP.a -o jsonfuzz
SWIFT_BACKTRACE=enable=no ./jsonfuzz -max_total_time="${1:-60}" -max_len=4096 -timeout=10 \
    -dict="$root/Tests/Fuzz/json.dict" -print_final_stats=1 corpus
