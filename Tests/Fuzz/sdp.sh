#!/usr/bin/env bash
# Fuzzes session descriptions with libFuzzer and AddressSanitizer: Tests/Fuzz/sdp.sh [seconds], 60 by default.
# Inputs worth keeping gather in .build/fuzz-sdp/corpus; a crashing one is written to .build/fuzz-sdp and fails the run.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
mkdir -p .build/fuzz-sdp/corpus
cd .build/fuzz-sdp
flags=(
    -O -swift-version 6 -package-name ring_partner_swift -parse-as-library -sanitize=fuzzer,address
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature ExistentialAny
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault
)
# Descriptions need one protocol of RingCore and nothing else of it.
swiftc "${flags[@]}" -emit-module -emit-library -static -module-name RingCore -o libRingCore.a \
    "$root/Sources/RingCore/Values/RingOpenString.swift"
mapfile -t sources < <(find "$root"/Sources/RingWHEP/{SDP,Check} -name '*.swift')
swiftc "${flags[@]}" -I . -emit-module -emit-library -static -module-name RingWHEP -o libRingWHEP.a "${sources[@]}"
swiftc "${flags[@]}" -I . "$root/Tests/Fuzz/SDPFuzz.swift" libRingWHEP.a libRingCore.a -o sdpfuzz
SWIFT_BACKTRACE=enable=no ./sdpfuzz -max_total_time="${1:-60}" -max_len=8192 -timeout=10 -print_final_stats=1 \
    -dict="$root/Tests/Fuzz/sdp.dict" corpus "$root/Tests/RingWHEPTests/Fixtures/SDP"
