#!/usr/bin/env bash
# Coverage-guided fuzzing with the toolchain's libFuzzer, for as many seconds as SECONDS_EACH says (30).
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=enable=no
for script in Tests/Fuzz/*.sh; do
    [ -e "$script" ] || continue
    "$script" "${SECONDS_EACH:-30}"
done
