#!/usr/bin/env bash
# Coverage-guided fuzzing of every reader of outside bytes with the toolchain's libFuzzer and AddressSanitizer, each for as many
# seconds as SECONDS_EACH says (30), JOBS at once (the number of processors). One crash, leak or hang fails the run; its input is
# left in .build/fuzz. Inputs worth keeping gather in .build/fuzz/<reader>; a few small ones are in Tests/Fuzz/Corpus.
# Usage: Scripts/fuzz.sh [reader …]
#        Scripts/fuzz.sh sdp        SECONDS_EACH=3600 for a long run
set -euo pipefail
cd "$(dirname "$0")/.."
export SWIFT_BACKTRACE=enable=no
readers=("$@")
[ ${#readers[@]} -gt 0 ] || readers=(device form http jpeg json mp4 png scenario sdp token webhook)
seconds=${SECONDS_EACH:-30}
jobs=${JOBS:-$(nproc 2>/dev/null || sysctl -n hw.ncpu)}
Tests/Fuzz/build.sh
work=.build/fuzz

fuzz() { # reader
    local reader=$1 corpus=Tests/Fuzz/Corpus/$1 dictionary=Tests/Fuzz/Dictionaries/$1.dict arguments=()
    case $reader in device | token | webhook | scenario) dictionary=Tests/Fuzz/Dictionaries/json.dict ;; esac
    [ -e "$dictionary" ] && arguments+=(-dict="$dictionary")
    mkdir -p "$work/$reader"
    [ -d "$corpus" ] && arguments+=("$work/$reader" "$corpus") || arguments+=("$work/$reader")
    [ "$reader" != sdp ] || arguments+=(Tests/RingWHEPTests/Fixtures/SDP)
    RING_FUZZ_TARGET=$reader "$work/ringfuzz" -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=4096 \
        -artifact_prefix="$work/$reader-" -print_final_stats=1 "${arguments[@]}" >"$work/$reader.log" 2>&1
}
report() { # reader, exit status
    local runs features
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$1.log")
    features=$(grep -oE 'ft: [0-9]+' "$work/$1.log" | tail -1 || true)
    printf '%-10s %12s runs  %s%s\n' "$1" "${runs:-?}" "${features:-ft: ?}" "$([ "$2" -eq 0 ] || echo "  FAILED")"
}

failed=()
running=()
processes=()
finish() { # Waits for the oldest.
    local reader=${running[0]} status=0
    wait "${processes[0]}" || status=$?
    running=("${running[@]:1}")
    processes=("${processes[@]:1}")
    report "$reader" "$status"
    [ "$status" -eq 0 ] || { tail -30 "$work/$reader.log" >&2; failed+=("$reader"); }
}
for reader in "${readers[@]}"; do
    [ ${#running[@]} -lt "$jobs" ] || finish
    fuzz "$reader" &
    running+=("$reader")
    processes+=($!)
done
while [ ${#running[@]} -gt 0 ]; do finish; done
[ ${#failed[@]} -eq 0 ] || { echo "make fuzz: failed: ${failed[*]}; the inputs are in $work" >&2; exit 1; }
echo "make fuzz: ${#readers[@]} readers, $seconds seconds each, no failure"
