#!/usr/bin/env bash
# Builds .build/fuzz/ringfuzz: every reader of outside bytes with libFuzzer and AddressSanitizer. What has not changed since the
# last build is kept.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
swiftc=${SWIFTC:-swiftc}
mkdir -p .build/fuzz
cd .build/fuzz
flags=(
    -O -swift-version 6 -package-name ring_partner_swift -parse-as-library -sanitize=fuzzer,address
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature ExistentialAny
    -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature NonisolatedNonsendingByDefault
    -I . -I "$root/Sources/CRingSHA256" -I "$root/Sources/CRingLibcrypto" -I "$root/Sources/CRingMicrohttpd"
    -I "$root/Sources/CRingLibcurl" -I "$root/Sources/CRingCurlLoop/include" -I "$root/Sources/CRingGStreamer/include"
)
modules=(RingHTTP RingJSONAPI RingCrypto RingCore RingOAuth RingAccounts RingWebhooks RingMedia RingWHEP RingLive RingListener RingCurl RingSimulator RingDevices)

clang=$(dirname "$(readlink -f "$(command -v "$swiftc")")")/clang
"$clang" -O2 -fPIC -c "$root/Sources/CRingSHA256/sha256_pair.c" -I "$root/Sources/CRingSHA256" -o CRingSHA256.o
for target in CRingCurlLoop CRingGStreamer; do
    for source in "$root/Sources/$target"/*.c; do
        "$clang" -O2 -fPIC -c "$source" -I "$root/Sources/$target/include" -o "$target.$(basename "$source" .c).o"
    done
done
isStale=
for module in "${modules[@]}"; do
    mapfile -t sources < <(find "$root/Sources/$module" -name '*.swift' | sort)
    # A change below is a change of everything above.
    if [ -z "$isStale" ] && [ -e "lib$module.a" ] && [ -z "$(find "${sources[@]}" "$root/Tests/Fuzz/build.sh" -newer "lib$module.a")" ]
    then continue; fi
    isStale=yes
    echo "fuzz: compiling $module"
    rm -f "lib$module.a"
    "$swiftc" "${flags[@]}" -enable-testing -emit-module -emit-library -static -module-name "$module" -o "lib$module.a" \
        "${sources[@]}"
done
echo "fuzz: linking"
libraries=()
for module in "${modules[@]}"; do libraries=("lib$module.a" "${libraries[@]}"); done
"$swiftc" "${flags[@]}" -module-name RingFuzz "$root"/Tests/Fuzz/*.swift "${libraries[@]}" CRingSHA256.o CRingCurlLoop.*.o CRingGStreamer.*.o \
    -lcrypto -lmicrohttpd -lcurl \
    -o ringfuzz
