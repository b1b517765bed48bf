#!/usr/bin/env bash
# Builds one program for each product, runs it, and holds the C libraries it links against the table.
set -euo pipefail
cd "$(dirname "$0")"
swift build >/dev/null || { swift build; exit 1; }
bin=$(swift build --show-bin-path)

# product: the C libraries it may link, and nothing else of the list below.
declare -A may=(
    [RingHTTP]="" [RingJSONAPI]="" [RingCore]="" [RingDevices]="" [RingMedia]="" [RingURLSession]=""
    [RingCrypto]="libcrypto" [RingOAuth]="libcrypto" [RingAccounts]="libcrypto" [RingWebhooks]="libcrypto" [RingWHEP]="libcrypto"
    [RingLive]="libcrypto"
    [RingTesting]="libcrypto" [RingCurl]="libcurl libcrypto" [RingListener]="libmicrohttpd"
    [RingSQLite]="libsqlite3" [RingPostgres]="libpq" [RingPartner]="libcrypto libcurl" [RingSimulator]="libcrypto libcurl libmicrohttpd"
)
watched="libcrypto libcurl libsqlite3 libmicrohttpd libpq libglib-2.0 libgstreamer-1.0 libFoundationNetworking libFoundation"
passed=0 failed=0
for product in "${!may[@]}"; do
    program="$bin/Links$product"
    "$program" >/dev/null
    # What the program itself asks for, not what those libraries ask for in turn.
    needed=$(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\.so.*/\1/p')
    for library in $watched; do
        allowed=" ${may[$product]} "
        [ "$product" = RingURLSession ] && allowed="$allowed libFoundationNetworking libFoundation "
        if grep -qx "$library" <<<"$needed" && [[ $allowed != *" $library "* ]]; then
            echo "LinkageTest: $product links $library, which its users should not need" >&2
            failed=$((failed + 1))
        fi
    done
    passed=$((passed + 1))
done
echo "LinkageTest: $passed products stand alone, $failed link too much"
[ "$failed" -eq 0 ]
